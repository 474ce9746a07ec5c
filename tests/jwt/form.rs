//! The text of a token.

use actix_web::http::StatusCode;
use auth_runtime::scheme::Verification;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::json;

use crate::asking::{ask, issuer, trusting, with};
use crate::minting::{ED, b64, claims_of};

fn header() -> String {
    ED.header().to_string()
}

fn claims() -> String {
    claims_of("ada").to_string()
}

#[actix_web::test]
async fn jwt_07_an_encrypted_token_is_refused() {
    // RFC 7516 §3.1: five parts; and what would make a header that of one.
    let token = ED.good();
    ask(trusting(&ED), &format!("{token}.AAAA.AAAA"))
        .await
        .assert_invalid("five parts");
    for header in [
        json!({"enc": "A256GCM"}),
        json!({"zip": "DEF"}),
        json!({"alg": "RSA-OAEP"}),
        json!({"alg": "dir", "enc": "A128GCM"}),
    ] {
        ask(trusting(&ED), &ED.headed(&header))
            .await
            .assert_invalid("encrypted");
    }
}

#[actix_web::test]
async fn jwt_08_only_the_compact_form_is_read() {
    let token = ED.good();
    let parts: Vec<&str> = token.split('.').collect();
    let [head, payload, signature] = parts[..] else {
        panic!();
    };
    ask(trusting(&ED), &token).await.assert_ok();
    for wrong in [
        format!("{head}.{payload}"),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{signature}"),
        format!("{head}..{payload}.{signature}"),
        format!("{head}.{payload}.{signature}=="),
        format!("{head}={payload}.{signature}"),
        format!("{head}.{payload}~.{signature}"),
        "..".into(),
        "a.b.c".into(),
        json!({"payload": payload, "protected": head, "signature": signature}).to_string(),
        format!("{head}.{payload} .{signature}"),
        format!("{head}.{payload}.{signature} {signature}"),
    ] {
        ask(trusting(&ED), &wrong).await.assert_invalid(&wrong);
    }
    // The other alphabet of base64, and its padding, with a right signature over that very text.
    let claims = ED.good_with(&json!({"x": "\u{ff}\u{fe}\u{fb}???>>>~~~"}));
    let payload = claims.split('.').nth(1).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(payload)
        .unwrap();
    for payload in [
        STANDARD.encode(&bytes),
        format!("{payload}="),
        format!("{payload}=="),
    ] {
        let message = format!("{}.{payload}", b64(header()));
        let signature = b64(ED.sign("EdDSA", message.as_bytes()));
        ask(trusting(&ED), &format!("{message}.{signature}"))
            .await
            .assert_invalid(&payload);
    }
}

#[actix_web::test]
async fn jwt_08_stray_bits_do_not_make_a_second_text_of_one_token() {
    let token = ED.good();
    let last = token.chars().last().unwrap();
    // 64 bytes leave four unused bits in the last letter.
    for other in ('A'..='Z')
        .chain('a'..='z')
        .chain('0'..='9')
        .filter(|other| *other != last)
    {
        let changed = format!("{}{other}", &token[..token.len() - 1]);
        ask(trusting(&ED), &changed).await.assert_invalid(&changed);
    }
}

#[actix_web::test]
async fn jwt_09_header_and_payload_are_one_json_object_in_utf_8() {
    let utf16 =
        |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let deep = |text: &str| {
        let nested = format!(",\"x\":{}{}}}", "[".repeat(2000), "]".repeat(2000));
        text.replacen('}', &nested, 1).into_bytes()
    };
    let mutations = |text: &str| -> Vec<Vec<u8>> {
        vec![
            utf16(text),
            deep(text),
            format!("[{text}]").into_bytes(),
            format!("\u{feff}{text}").into_bytes(),
            format!("{text}{text}").into_bytes(),
            format!("{text},").into_bytes(),
            format!("{text}\0").into_bytes(),
            json!(text).to_string().into_bytes(),
            text.replace('"', "'").into_bytes(),
            text.replacen('}', ",\"x\":\"\u{fffd}\"}", 1)
                .into_bytes()
                .into_iter()
                .map(|byte| if byte == 0xef { 0xff } else { byte })
                .collect(),
            text.replacen('}', ",}", 1).into_bytes(),
            text.replacen('}', ",\"x\":NaN}", 1).into_bytes(),
            b"null".to_vec(),
            b"".to_vec(),
        ]
    };
    for wrong in mutations(&header()) {
        let what = String::from_utf8_lossy(&wrong).into_owned();
        let token = ED.token_of("EdDSA", &wrong, claims());
        ask(trusting(&ED), &token).await.assert_invalid(&what);
    }
    for wrong in mutations(&claims()) {
        let what = String::from_utf8_lossy(&wrong).into_owned();
        let token = ED.token_of("EdDSA", header(), &wrong);
        ask(trusting(&ED), &token).await.assert_invalid(&what);
    }
    // White space round it is JSON.
    let spaced = ED.token_of(
        "EdDSA",
        format!(" {}\n", header()),
        format!("\t{} ", claims()),
    );
    ask(trusting(&ED), &spaced).await.assert_ok();
}

#[actix_web::test]
async fn jwt_10_a_name_that_occurs_twice_refuses_the_token() {
    for extra in [
        "\"alg\":\"EdDSA\"",
        "\"alg\":\"none\"",
        "\"kid\":\"ed\"",
        "\"typ\":\"at+jwt\"",
        "\"\\u0061lg\":\"EdDSA\"",
        "\"x\":{\"y\":1,\"y\":1}",
    ] {
        let doubled = header().replacen('{', &format!("{{{extra},"), 1);
        let token = ED.token_of("EdDSA", doubled, claims());
        ask(trusting(&ED), &token).await.assert_invalid(extra);
    }
    for extra in [
        "\"exp\":9999999999",
        "\"sub\":\"eve\"",
        "\"aud\":\"https://rs.example\"",
        "\"scope\":\"a\",\"scope\":\"b\"",
        "\"s\\u0075b\":\"ada\"",
        "\"x\":[{\"y\":1,\"y\":2}]",
    ] {
        let doubled = claims().replacen('{', &format!("{{{extra},"), 1);
        let token = ED.token_of("EdDSA", header(), doubled);
        ask(trusting(&ED), &token).await.assert_invalid(extra);
    }
}

#[actix_web::test]
async fn jwt_11_no_extension_is_understood() {
    for extension in [
        json!({"crit": ["b64"], "b64": false}),
        json!({"crit": ["exp"], "exp": 1}),
        json!({"crit": []}),
        json!({"crit": "exp"}),
        json!({"crit": ["missing"]}),
        json!({"crit": ["alg"]}),
        json!({"crit": {}}),
        json!({"b64": false}),
        json!({"b64": true}),
    ] {
        let what = extension.to_string();
        ask(trusting(&ED), &ED.headed(&extension))
            .await
            .assert_invalid(&what);
    }
    // What is not critical is ignored (RFC 7515 §4).
    ask(
        trusting(&ED),
        &ED.headed(&json!({"x": [1], "x5t": "a", "cty": "x"})),
    )
    .await
    .assert_ok();
}

#[actix_web::test]
async fn jwt_12_the_type_is_at_jwt() {
    for kind in [
        "at+jwt",
        "at+JWT",
        "AT+JWT",
        "application/at+jwt",
        "Application/AT+jwt",
    ] {
        ask(trusting(&ED), &ED.headed(&json!({"typ": kind})))
            .await
            .assert_ok();
    }
    for kind in [
        json!("JWT"),
        json!(null),
        json!(""),
        json!("id_token"),
        json!("dpop+jwt"),
        json!("logout+jwt"),
        json!("secevent+jwt"),
        json!("text/at+jwt"),
        json!("application/application/at+jwt"),
        json!("at+jwt "),
        json!("at+jwt;x=y"),
        json!(1),
        json!(["at+jwt"]),
    ] {
        let token = ED.headed(&json!({"typ": kind}));
        ask(trusting(&ED), &token)
            .await
            .assert_invalid(&kind.to_string());
    }
}

#[actix_web::test]
async fn jwt_12_an_untyped_issuer_has_to_be_named_one() {
    let untyped = || with(issuer(&ED, "EdDSA").untyped());
    for kind in [json!("JWT"), json!("jwt"), json!(null), json!("at+jwt")] {
        ask(untyped(), &ED.headed(&json!({"typ": kind})))
            .await
            .assert_ok();
    }
    for kind in [
        "id_token",
        "dpop+jwt",
        "logout+jwt",
        "token-introspection+jwt",
        "x",
    ] {
        ask(untyped(), &ED.headed(&json!({"typ": kind})))
            .await
            .assert_invalid(kind);
    }
}

#[actix_web::test]
async fn jwt_27_a_compressed_payload_is_refused() {
    // DEFLATE of `{}`, and what a header would say of it.
    let token = ED.token_of("EdDSA", header(), [0xab, 0xae, 0x05, 0x00]);
    ask(trusting(&ED), &token).await.assert_invalid("deflated");
    ask(trusting(&ED), &ED.headed(&json!({"zip": "DEF"})))
        .await
        .assert_invalid("zip");
}

#[actix_web::test]
async fn jwt_33_a_token_that_is_too_long_is_not_looked_at() {
    let of_length = |length: usize| {
        let without = ED.good_with(&json!({"x": ""})).len();
        ED.good_with(&json!({"x": "y".repeat((length - without) * 3 / 4 - 2)}))
    };
    ask(trusting(&ED), &of_length(8000)).await.assert_ok();
    ask(trusting(&ED), &of_length(8400))
        .await
        .assert_invalid("8400 bytes");
    ask(trusting(&ED).max_length(4000), &of_length(5000))
        .await
        .assert_invalid("5000 bytes");
    let huge = ask(trusting(&ED), &"a".repeat(64 * 1024)).await;
    assert_eq!(huge.status, StatusCode::UNAUTHORIZED);
}

fn accepts(text: &str) -> bool {
    static JWT: std::sync::LazyLock<auth_runtime::oauth::jwt::Jwt> =
        std::sync::LazyLock::new(|| trusting(&ED).build().unwrap());
    matches!(
        JWT.verify_at(text, crate::asking::Clock::new().now()),
        Verification::Ready(Ok(_))
    )
}

proptest! {
    #[test]
    fn any_text_is_refused_without_a_panic(text in "\\PC{0,200}", dotted in "[A-Za-z0-9_.-]{0,200}") {
        prop_assert!(!accepts(&text) && !accepts(&dotted));
    }

    #[test]
    fn any_header_and_payload_are_refused_without_a_panic(
        header in "\\{(\"(alg|typ|kid|crit)\":(\"EdDSA\"|\"ed\"|\"at\\+jwt\"|1|null|\\[\\]),?){0,5}\\}?",
        payload in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        prop_assert!(!accepts(&ED.token_of("EdDSA", header, payload)));
    }

    #[test]
    fn a_token_with_one_other_byte_is_another_token(place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let token = ED.good();
        prop_assert!(accepts(&token));
        let mut changed = token.clone().into_bytes();
        let place = place.index(changed.len());
        changed[place] = byte;
        if let Ok(changed) = String::from_utf8(changed) && changed != token {
            prop_assert!(!accepts(&changed), "{}", changed);
        }
    }
}
