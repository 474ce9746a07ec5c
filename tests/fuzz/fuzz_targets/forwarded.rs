//! Lines of `Forwarded` and `X-Forwarded-For` to an address.
//!
//! What a client wrote stands on the left of what the trusted proxy wrote, and changes nothing.
#![no_main]

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::test::TestRequest;
use auth_fuzz::{Guarded, lines, with_headers};
use auth_runtime::http::ProxyHeader;
use auth_runtime::prelude::*;
use libfuzzer_sys::fuzz_target;

/// Refused by its network.
const REFUSED: u16 = 403;
/// Allowed by its network, without credentials.
const ALLOWED: u16 = 401;

fn app(header: ProxyHeader) -> &'static Guarded {
    let auth = Auth::builder()
        .realm("fuzz")
        .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
        .trusted_proxies(["10.0.0.0/8", "2001:db8:1::/48"], header)
        .allow_networks(["203.0.113.0/24", "2001:db8:2::/48"])
        .build();
    Guarded::new(auth.expect("a right configuration"))
}

thread_local! {
    static STANDARD: &'static Guarded = app(ProxyHeader::Forwarded);
    static COMMON: &'static Guarded = app(ProxyHeader::XForwardedFor);
}

fn ask(is_standard: bool, headers: Vec<(HeaderName, HeaderValue)>) -> u16 {
    let request = TestRequest::get().peer_addr(([10, 0, 0, 1], 4711).into());
    let request = with_headers(request, headers);
    let app = if is_standard { &STANDARD } else { &COMMON };
    let (status, _) = app.with(|app| app.ask(request));
    assert!(matches!(status, REFUSED | ALLOWED), "{status}");
    status
}

fuzz_target!(|data: &[u8]| {
    let Some((kind, data)) = data.split_first() else {
        return;
    };
    let is_standard = kind % 2 == 0;
    let (name, prefix) = if is_standard {
        ("forwarded", "for=")
    } else {
        ("x-forwarded-for", "")
    };
    let written = lines(name, data);
    ask(is_standard, written.clone());

    let behind = |address: &str| {
        let mut headers = written.clone();
        headers.extend(lines(name, format!("{prefix}{address}").as_bytes()));
        headers
    };
    assert_eq!(
        ask(is_standard, behind("198.51.100.7")),
        REFUSED,
        "a client changed its address"
    );
    assert_eq!(
        ask(is_standard, behind("203.0.113.7")),
        ALLOWED,
        "a client changed its address"
    );

    // A proxy may also add to the client's last line.
    let mut joined = written.clone();
    if let Some((_, last)) = joined.last_mut() {
        let line = [
            last.as_bytes(),
            format!(", {prefix}198.51.100.7").as_bytes(),
        ]
        .concat();
        *last = HeaderValue::from_bytes(&line).expect("both parts were values");
        assert_eq!(
            ask(is_standard, joined),
            REFUSED,
            "a client changed its address"
        );
    }
});
