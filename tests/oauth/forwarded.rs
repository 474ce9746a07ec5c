//! Whatever a client writes into the headers of a proxy, a password that came in clear is refused.

use actix_web::App;
use actix_web::http::header::HeaderValue;
use actix_web::test::{TestRequest, call_service, init_service};
use auth_runtime::http::ProxyHeader;
use auth_runtime::prelude::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

#[actix_web::get("/p")]
#[requires_auth]
async fn protected() -> &'static str {
    "the secret"
}

/// What a client may send: pieces of the header's own grammar, and any bytes.
fn written_by_a_client() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: [&str; 22] = [
        "for=",
        "proto=",
        "https",
        "http",
        "10.0.0.7",
        "192.0.2.1",
        "\"",
        "\"",
        "\\",
        "\\",
        ";",
        ",",
        "=",
        " ",
        "\t",
        "PROTO=HTTPS",
        "for=10.0.0.7;proto=https",
        "for=\"",
        ";proto=\"https\"",
        "by=",
        "x=",
        "[::1]",
    ];
    let byte = prop_oneof![0x20_u8..0x7f, 0x80_u8..=0xff];
    let piece = prop_oneof![
        9 => proptest::sample::select(PIECES.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
        1 => proptest::collection::vec(byte, 1..4),
    ];
    proptest::collection::vec(piece, 0..9).prop_map(|pieces| pieces.concat())
}

#[actix_web::test]
async fn basic_08_no_header_of_a_client_makes_clear_text_tls() {
    let by_proxy = [
        "for=192.0.2.9;proto=http",
        "proto=http;for=192.0.2.9",
        "for=\"[2001:db8::9]:4711\";proto=http",
        "for=\"192.0.2.9:80\";by=\"10.0.0.1\";proto=\"http\"",
        "for=unknown;proto=http",
        "for=_hidden;proto=http;host=a",
        "for=192.0.2.9",
    ];
    let mut runner = TestRunner::default();
    for kind in [ProxyHeader::Forwarded, ProxyHeader::XForwardedFor] {
        let (name, own): (_, &[&str]) = match kind {
            ProxyHeader::Forwarded => ("forwarded", &by_proxy),
            _ => ("x-forwarded-proto", &["http"]),
        };
        let auth = Auth::builder()
            .realm("r")
            .scheme(Basic::sync(|_, _: Secret<'_>| Some(Principal::new("ada"))).require_tls(true))
            .trusted_proxies(["10.0.0.0/8"], kind)
            .build()
            .unwrap();
        let app = init_service(App::new().app_data(auth).service(protected)).await;
        let ask = async |lines: &[Vec<u8>]| {
            let mut request = TestRequest::with_uri("/p")
                .peer_addr("10.0.0.1:40000".parse().unwrap())
                .insert_header(("Authorization", "Basic YTpi"));
            for line in lines {
                let value = HeaderValue::from_bytes(line).unwrap();
                request = request.append_header((name, value));
            }
            let request = request.to_request();
            call_service(&app, request).await.status().as_u16()
        };
        for _ in 0..3000 {
            let client = written_by_a_client()
                .new_tree(&mut runner)
                .unwrap()
                .current();
            for own in own {
                let own = own.as_bytes();
                let one_line = [&client, b", ".as_slice(), own].concat();
                let lines = [client.clone(), own.to_vec()];
                let text = String::from_utf8_lossy(&one_line);
                assert_eq!(ask(std::slice::from_ref(&one_line)).await, 403, "{text}");
                assert_eq!(ask(&lines).await, 403, "{text}");
            }
        }
        // The proxy's own word is believed.
        let tls = if name == "forwarded" {
            "for=192.0.2.9;proto=https"
        } else {
            "https"
        };
        assert_eq!(ask(&[tls.into()]).await, 200);
    }
}
