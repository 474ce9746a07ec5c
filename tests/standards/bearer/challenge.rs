//! What a token is, and what the challenge says of one that is not accepted.

use std::time::{Duration, SystemTime};

use auth_runtime::http::Challenge;
use auth_runtime::prelude::*;
use serde_json::Value;

use super::{INVALID, assert_invalid_token};
use crate::support::app::with_authorization;
use crate::support::callers::find_token;
use crate::support::challenge::expected;
use crate::support::{Answer, api, ask, bearer_only, get, only_challenge, with_bearer};

#[actix_web::test]
async fn bearer_01_and_bearer_02_examples_of_the_rfcs_are_understood_in_every_case() {
    let examples: Vec<Value> =
        serde_json::from_str(include_str!("../vectors/credentials.json")).unwrap();
    let tokens: Vec<_> = examples
        .iter()
        .filter(|example| example.get("token").is_some())
        .collect();
    assert_eq!(tokens.len(), 2);
    for example in tokens {
        let token = example["token"].as_str().unwrap().to_owned();
        let auth = api()
            .scheme(Bearer::sync(move |held: Secret<'_>| {
                held.ct_eq(&token).then(|| Principal::new("ada"))
            }))
            .build()
            .unwrap();
        let authorization = example["authorization"].as_str().unwrap();
        ask(&auth, with_authorization("/p", authorization.as_bytes()))
            .await
            .assert_granted();
    }
    for scheme in ["bearer", "BEARER", "bEaReR"] {
        let value = format!("{scheme} user");
        ask(&bearer_only(), with_authorization("/p", value.as_bytes()))
            .await
            .assert_granted();
    }
}

#[actix_web::test]
async fn bearer_03_the_separator_is_one_space_or_more() {
    for value in ["Bearer user", "Bearer  user", "Bearer        user"] {
        ask(&bearer_only(), with_authorization("/p", value.as_bytes()))
            .await
            .assert_granted();
    }
}

#[actix_web::test]
async fn bearer_03_what_is_no_b64token_is_an_invalid_token() {
    let auth = api()
        .scheme(Bearer::sync(|_: Secret<'_>| {
            Some(Principal::new("anybody"))
        }))
        .build()
        .unwrap();
    for value in [
        &b"Bearer\tuser"[..],
        b"Bearer \tuser",
        b"Bearer us er",
        b"Bearer user,",
        b"Bearer user,x",
        b"Bearer \"user\"",
        b"Bearer us%65r",
        b"Bearer us\xe9r",
        b"Bearer us\xc3\xa9r",
        b"Bearer us=er",
        b"Bearer =user",
        b"Bearer =",
        b"Bearer ,",
        b"Bearer token=user",
        b"Bearer user;x",
        b"Bearer us\ter",
        b"Bearer user\\",
        b"Bearer user:password",
    ] {
        assert_invalid_token(&ask(&auth, with_authorization("/p", value)).await);
    }
    for value in [
        "Bearer user==",
        "Bearer -._~+/",
        "Bearer a======",
        "Bearer 0",
    ] {
        ask(&auth, with_authorization("/p", value.as_bytes()))
            .await
            .assert_granted();
    }
}

#[actix_web::test]
async fn bearer_03_a_token_beyond_the_longest_is_invalid_and_not_verified() {
    let auth = |bearer: Bearer| api().scheme(bearer).build().unwrap();
    let anybody = || Bearer::sync(|_: Secret<'_>| Some(Principal::new("anybody")));
    let token = "a".repeat(8193);
    assert_invalid_token(&ask(&auth(anybody()), with_bearer("/p", &token)).await);
    ask(&auth(anybody()), with_bearer("/p", &token[..8192]))
        .await
        .assert_granted();
    ask(&auth(anybody().max_length(8193)), with_bearer("/p", &token))
        .await
        .assert_granted();
}

/// One answer of every kind with a `Bearer` challenge.
async fn bearer_answers() -> Vec<Answer> {
    let auth = bearer_only();
    let twice = with_bearer("/p", "user").append_header(("authorization", "Bearer user"));
    vec![
        ask(&auth, get("/p")).await,
        ask(&auth, with_bearer("/p", "nobody")).await,
        ask(&auth, with_bearer("/p", "expired")).await,
        ask(&auth, with_bearer("/p", "a b")).await,
        ask(&auth, with_bearer("/s", "user")).await,
        ask(&auth, with_bearer("/ab", "only-a")).await,
        ask(&auth, twice).await,
    ]
}

#[actix_web::test]
async fn bearer_04_and_bearer_05_the_challenge_has_parameters_each_once() {
    for answer in bearer_answers().await {
        let (scheme, parameters) = only_challenge(&answer);
        assert_eq!(scheme, "Bearer");
        assert!(!parameters.is_empty());
        for name in ["realm", "scope", "error", "error_description", "error_uri"] {
            assert!(parameters.iter().filter(|(held, _)| held == name).count() <= 1);
        }
        assert_eq!(parameters[0].0, "realm");
    }
}

/// RFC 6749 A.4: `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`, and SP between them.
fn is_scope_value(value: &str) -> bool {
    value.split(' ').all(|token| {
        !token.is_empty()
            && token
                .bytes()
                .all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
    })
}

/// RFC 6749 A.7, A.8: `1*NQSCHAR`.
fn is_nqschar_text(value: &str) -> bool {
    !value.is_empty()
        && value
            .bytes()
            .all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

#[actix_web::test]
async fn bearer_06_scope_values_are_tokens_with_single_spaces() {
    let mut seen = 0;
    for answer in bearer_answers().await {
        for (name, value) in only_challenge(&answer).1 {
            if name == "scope" {
                assert!(is_scope_value(&value), "{value:?}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 2);
}

#[actix_web::get("/dvd")]
#[requires_scope(all(
    "urn:example:channel=HBO&urn:example:rating=G,PG-13",
    "openid",
    "profile"
))]
async fn dvd() -> &'static str {
    "dvd"
}

#[actix_web::test]
async fn bearer_06_scopes_of_the_rfcs_examples_are_written_and_read() {
    let examples: Vec<Value> =
        serde_json::from_str(include_str!("../vectors/scopes.json")).unwrap();
    let app = actix_web::App::new().app_data(bearer_only()).service(dvd);
    let service = actix_web::test::init_service(app).await;
    let answer = crate::support::app::send(&service, with_bearer("/dvd", "user")).await;
    answer.assert_refused(403);
    let scope = &only_challenge(&answer).1[2];
    let urns = examples[1]["scope"].as_str().unwrap();
    assert_eq!(
        scope,
        &("scope".to_owned(), format!("{urns} openid profile"))
    );
    for example in &examples {
        let value = example["scope"].as_str().unwrap();
        let line = Challenge::new("Bearer")
            .unwrap()
            .with("scope", value.to_owned())
            .unwrap()
            .to_string();
        assert_eq!(line, format!("Bearer scope=\"{value}\""));
    }
}

#[actix_web::test]
async fn bearer_07_and_bearer_08_errors_are_plain_text_and_no_error_uri_is_sent() {
    for answer in bearer_answers().await {
        for (name, value) in only_challenge(&answer).1 {
            assert_ne!(name, "error_uri");
            if name.starts_with("error") {
                assert!(is_nqschar_text(&value), "{name}: {value:?}");
            }
        }
    }
}

/// RFC 6750 §3: "values MUST NOT include characters outside the set", not even escaped.
#[test]
fn bearer_07_no_quote_or_backslash_gets_into_the_parameters_of_rfc_6750() {
    for name in ["error", "error_description", "error_uri", "scope"] {
        let challenge = Challenge::new("Bearer").unwrap();
        if let Ok(written) = challenge.with(name, "bad \"x\"\\") {
            let value = written.get(name).unwrap_or_default();
            assert!(
                value.is_empty() || is_nqschar_text(value),
                "{name}: {written}"
            );
        }
    }
}

#[actix_web::test]
async fn bearer_09_and_bearer_10_every_kind_of_bad_token_is_invalid_token() {
    let never_valid_again = SystemTime::UNIX_EPOCH + Duration::from_secs(1_300_819_380);
    let auth = api()
        .scheme(Bearer::sync(move |token: Secret<'_>| {
            if token.ct_eq("overdue") {
                return Ok(Some(
                    Principal::new("ada").with_expires_at(never_valid_again),
                ));
            }
            find_token(token.expose())
        }))
        .build()
        .unwrap();
    let expired = [
        INVALID[0],
        INVALID[1],
        ("error_description", "The access token expired"),
    ];
    for (token, parameters) in [
        ("expired", &expired),
        ("overdue", &expired),
        ("revoked", &INVALID),
        ("nobody", &INVALID),
        ("mal formed", &INVALID),
    ] {
        for path in ["/p", "/r", "/s", "/o", "/plain"] {
            let answer = ask(&auth, with_bearer(path, token)).await;
            answer.assert_refused(401);
            assert_eq!(
                only_challenge(&answer),
                expected("Bearer", parameters),
                "{token} {path}"
            );
            assert_eq!(answer.json()["error"], "invalid_token");
        }
    }
}
