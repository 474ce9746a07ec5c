//! BASIC: user and password.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::support::app::{with_authorization, with_basic};
use crate::support::challenge::expected;
use crate::support::{Answer, all_schemes, api, ask, basic, challenges, get, only_challenge};

const CHALLENGE: [(&str, &str); 2] = [("realm", "api"), ("charset", "UTF-8")];

async fn asked(value: impl AsRef<[u8]>) -> Answer {
    let auth = api().scheme(basic()).build().unwrap();
    ask(&auth, with_authorization("/b", value.as_ref())).await
}

#[track_caller]
fn assert_unauthenticated(answer: &Answer) {
    answer.assert_refused(401);
    assert_eq!(only_challenge(answer), expected("Basic", &CHALLENGE));
}

#[actix_web::test]
async fn basic_01_and_basic_02_the_challenge_has_realm_first_and_charset() {
    let auth = api().scheme(basic()).build().unwrap();
    for path in ["/p", "/b", "/plain"] {
        let answer = ask(&auth, get(path)).await;
        assert_unauthenticated(&answer);
        assert_eq!(
            answer.lines("www-authenticate"),
            [r#"Basic realm="api", charset="UTF-8""#]
        );
    }
}

#[actix_web::test]
async fn basic_03_and_basic_05_examples_of_the_rfc_are_understood() {
    let examples: Vec<Value> =
        serde_json::from_str(include_str!("vectors/credentials.json")).unwrap();
    let users: Vec<_> = examples
        .iter()
        .filter(|example| example.get("user").is_some())
        .collect();
    assert_eq!(users.len(), 2);
    for example in users {
        let answer = asked(example["authorization"].as_str().unwrap()).await;
        answer.assert_granted();
        assert_eq!(answer.text(), example["user"].as_str().unwrap());
    }
}

#[actix_web::test]
async fn basic_03_the_first_colon_separates_and_an_empty_part_is_empty() {
    let auth = api().scheme(basic()).build().unwrap();
    let answer = ask(&auth, with_basic("/b", "a:b:c")).await;
    answer.assert_granted();
    assert_eq!(answer.text(), "a");
    let answer = ask(&auth, with_basic("/b", "nopass:")).await;
    answer.assert_granted();
    assert_eq!(answer.text(), "nopass");
    for text in ["a:b", "a", "ada", "", ":", ":correct-horse", "nopass"] {
        assert_unauthenticated(&ask(&auth, with_basic("/b", text)).await);
    }
}

/// A verifier that lets anybody in: what is refused is refused before it is asked.
async fn asked_of_anybody(value: impl AsRef<[u8]>) -> Answer {
    use auth_runtime::prelude::*;
    let anybody = Basic::sync(|_: String, _: Secret<'static>| Some(Principal::new("anybody")));
    let auth = api().scheme(anybody).build().unwrap();
    ask(&auth, with_authorization("/b", value.as_ref())).await
}

#[actix_web::test]
async fn basic_04_control_characters_are_refused() {
    for control in (0..=0x1f)
        .chain([0x7f])
        .chain(0x80..=0x9f)
        .filter_map(char::from_u32)
    {
        for text in [
            format!("us{control}er:password"),
            format!("user:pass{control}word"),
        ] {
            let value = format!("Basic {}", STANDARD.encode(&text));
            assert_unauthenticated(&asked_of_anybody(value).await);
        }
    }
    asked_of_anybody(format!("Basic {}", STANDARD.encode("user:password")))
        .await
        .assert_granted();
}

#[actix_web::test]
async fn basic_05_text_is_utf_8_as_sent() {
    let auth = api().scheme(basic()).build().unwrap();
    ask(&auth, with_basic("/b", "caf\u{e9}:caf\u{e9}"))
        .await
        .assert_granted();
    // The decomposed form (NFD) is another text: RFC 7617 §2.1 asks the client for NFC.
    for text in [
        "cafe\u{301}:caf\u{e9}",
        "caf\u{e9}:cafe\u{301}",
        "cafe\u{301}:cafe\u{301}",
    ] {
        assert_unauthenticated(&ask(&auth, with_basic("/b", text)).await);
    }
    // ISO-8859-1, and what is no UTF-8 at all.
    for bytes in [
        &b"test:123\xa3"[..],
        b"caf\xe9:caf\xe9",
        b"u:\xff\xfe",
        b"u:\xc0\x80",
        b"u:\xed\xa0\x80",
    ] {
        assert_unauthenticated(
            &asked_of_anybody(format!("Basic {}", STANDARD.encode(bytes))).await,
        );
    }
}

#[actix_web::test]
async fn basic_06_base64_is_strict() {
    for value in [
        "QWxhZGRpbjpvcGVuIHNlc2FtZQ",
        "QWxhZGRpbjpvcGVuIHNlc2FtZQ=",
        "QWxhZGRpbjpvcGVuIHNlc2FtZQ===",
        "QWxhZGRpbjpvcGVu IHNlc2FtZQ==",
        "QWxhZGRpbjpvcGVuIHNlc2FtZQ==x",
        "QWxhZGRpbjpvcGVuIHNlc2FtZQ== x",
        "QWxhZGRpbjpvcGVuIHNlc2FtZQ==,",
        // Bits that are not zero behind the last byte.
        "QWxhZGRpbjpvcGVuIHNlc2FtZR==",
        "dXNlcjo_Pz8-",
        "dXNlcjo-Pj4_",
        "Aladdin:open",
        "\"QWxhZGRpbjpvcGVuIHNlc2FtZQ==\"",
        "!",
        "=",
        "====",
        "A",
    ] {
        assert_unauthenticated(&asked_of_anybody(format!("Basic {value}")).await);
    }
    asked_of_anybody("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        .await
        .assert_granted();
    assert_unauthenticated(&asked_of_anybody(b"Basic QWxh\xe9").await);
}

#[actix_web::test]
async fn basic_07_the_scheme_is_known_in_every_case() {
    for scheme in ["Basic", "basic", "BASIC", "bAsIc"] {
        asked(format!("{scheme} QWxhZGRpbjpvcGVuIHNlc2FtZQ=="))
            .await
            .assert_granted();
    }
}

#[actix_web::test]
async fn basic_09_the_challenge_tells_no_error() {
    for auth in [api().scheme(basic()).build().unwrap(), all_schemes()] {
        let twice = with_basic("/p", "ada:wrong").append_header(("authorization", "Foo x"));
        for (request, status) in [
            (get("/p"), 401),
            (with_basic("/p", "ada:wrong"), 401),
            (with_authorization("/p", b"Basic !"), 401),
            (with_authorization("/p", b"Basic"), 401),
            (twice, 400),
        ] {
            let answer = ask(&auth, request).await;
            answer.assert_refused(status);
            let all = challenges(&answer);
            assert!(all.contains(&expected("Basic", &CHALLENGE)), "{all:?}");
        }
    }
}
