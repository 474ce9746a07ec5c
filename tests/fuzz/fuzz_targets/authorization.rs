//! Lines of `Authorization` and an API key to an answer.
//!
//! A caller who is let in presented the one token, password or key, in the only line of its kind and of the
//! form that the standards have; everything else is 400 or 401 with challenges that can be read.
#![no_main]

use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use actix_web::test::TestRequest;
use auth_fuzz::{Guarded, lines, with_headers};
use auth_runtime::prelude::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;

const TOKEN: &str = "let-me-in";

fn admin(holds: bool) -> Option<Principal> {
    holds.then(|| Principal::new("ada").role("admin"))
}

thread_local! {
    static APP: &'static Guarded = Guarded::new(
        Auth::builder()
            .realm("fuzz")
            .scheme(Bearer::sync(|token: Secret<'_>| admin(token.ct_eq(TOKEN))))
            .scheme(Basic::sync(|user: String, password: Secret<'static>| {
                admin(user == "ada" && password.ct_eq(TOKEN))
            }))
            .scheme(ApiKey::sync("x-api-key", |key: Secret<'_>| admin(key.ct_eq(TOKEN))))
            .build()
            .expect("a right configuration"),
    );
}

/// RFC 9110 §11.4: `auth-scheme 1*SP token68`, the scheme without regard to case.
fn is_right(value: &HeaderValue) -> bool {
    let value = value.as_bytes();
    let text = std::str::from_utf8(value)
        .unwrap_or_default()
        .trim_matches([' ', '\t']);
    let Some((scheme, rest)) = text.split_once(' ') else {
        return false;
    };
    let rest = rest.trim_start_matches(' ');
    if scheme.eq_ignore_ascii_case("bearer") {
        return rest == TOKEN;
    }
    scheme.eq_ignore_ascii_case("basic")
        && STANDARD
            .decode(rest)
            .is_ok_and(|pair| pair == format!("ada:{TOKEN}").as_bytes())
}

fn check(headers: &[(HeaderName, HeaderValue)], status: u16, answer: &HeaderMap) {
    match status {
        200 => {
            let is_ours = |(name, value): &(HeaderName, HeaderValue)| match name.as_str() {
                "x-api-key" => value.as_bytes().trim_ascii() == TOKEN.as_bytes(),
                _ => is_right(value),
            };
            assert!(headers.iter().any(is_ours), "let in with {headers:?}");
            let lines = headers
                .iter()
                .filter(|(name, _)| *name == AUTHORIZATION)
                .count();
            assert!(lines <= 1, "let in with {lines} lines of credentials");
        }
        400 => assert!(!headers.is_empty(), "nothing was malformed"),
        401 => {
            let mut challenges = answer.get_all("www-authenticate").peekable();
            assert!(challenges.peek().is_some(), "401 without a challenge");
            for line in challenges {
                let line = line.to_str().expect("challenges are ASCII");
                http_auth::parse_challenges(line).expect("challenges can be read");
            }
        }
        other => panic!("{other} for {headers:?}"),
    }
}

fuzz_target!(|data: &[u8]| {
    // A first byte decides whether the first line is a key.
    let Some((kind, data)) = data.split_first() else {
        return;
    };
    let mut headers = lines("authorization", data);
    if kind % 4 == 0
        && let Some(first) = headers.first_mut()
    {
        first.0 = HeaderName::from_static("x-api-key");
    }
    let request = with_headers(TestRequest::get(), headers.iter().cloned());
    let (status, answer) = APP.with(|app| app.ask(request));
    check(&headers, status, &answer);
});
