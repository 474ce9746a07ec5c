//! Ways in that a second look found: tokens of other kinds, and hooks that forget what was signed.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use auth_runtime::oauth::jwt::{Jwt, Key};
use auth_runtime::oauth::revocation::Revocations;
use auth_runtime::prelude::*;
use auth_runtime::scheme::VerifyToken;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::asking::{Ask as _, Clock, ask, issuer, revocable, trusting, with};
use crate::minting::{AUDIENCE, ED, ISSUER, NOW, claims_of, merged};

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

#[actix_web::test]
async fn jwt_26_a_token_that_says_what_it_is_for_is_for_access() {
    let ask_untyped = async |token_use: Value| {
        let header = merged(ED.header(), &json!({"typ": "JWT"}));
        let claims = merged(claims_of("ada"), &json!({ "token_use": token_use }));
        let untyped = with(issuer(&ED, "EdDSA").untyped());
        ask(untyped, &ED.token(&header, &claims)).await
    };
    for access in ["access", "access_token"] {
        ask_untyped(json!(access)).await.assert_ok();
    }
    for other in [
        json!("id"),
        json!("id_token"),
        json!("refresh"),
        json!("refresh_token"),
        json!("ACCESS"),
        json!(""),
        json!(1),
        json!(["access"]),
    ] {
        let answer = ask_untyped(other.clone()).await;
        answer.assert_invalid(&other.to_string());
    }
}

#[actix_web::test]
async fn jwt_17_a_hook_does_not_make_a_token_outlive_its_exp() {
    let user = |hook: fn(Principal) -> Principal| trusting(&ED).user_sync(move |p| Some(hook(p)));
    let hooks: [fn(Principal) -> Principal; 3] = [
        |_| Principal::new("user 7"),
        |_| Principal::new("user 7").with_expires_at(at(NOW + 10_000)),
        |user| user,
    ];
    for hook in hooks {
        for jwt in [
            user(hook),
            trusting(&ED).user(move |principal| async move {
                actix_web::rt::task::yield_now().await;
                Some(hook(principal))
            }),
        ] {
            let verifier = jwt.clock(|| at(NOW)).build().unwrap();
            let found = verifier.verify(Secret::new(ED.good())).await;
            assert_eq!(found.unwrap().unwrap().expires_at(), Some(at(NOW + 600)));
        }
    }
    // An end of its own that is nearer counts.
    let sooner = user(|user| user.with_expires_at(at(NOW + 5)));
    let sooner = sooner.clock(|| at(NOW)).build().unwrap();
    let found = sooner.verify(Secret::new(ED.good())).await;
    assert_eq!(found.unwrap().unwrap().expires_at(), Some(at(NOW + 5)));
}

#[actix_web::test]
async fn a_hook_does_not_hide_a_token_from_its_revocation() {
    for by_id in [true, false] {
        let revocations = Revocations::in_memory().clock(|| at(NOW));
        let jwt = trusting(&ED)
            .user_sync(|_| Some(Principal::new("user 7").claim("department", "sales")))
            .clock(|| at(NOW))
            .build()
            .unwrap();
        let verifier = revocations.protect(jwt);
        let verify = || verifier.verify(Secret::new(ED.good()));
        let user = verify().await.unwrap().unwrap();
        assert_eq!(user.subject(), "user 7");
        assert_eq!(user.claims()["department"], "sales");
        let until = at(NOW + 600);
        if by_id {
            revocations.revoke_id(ISSUER, "t-1", until).await.unwrap();
        } else {
            let revoked = revocations.revoke_subject(ISSUER, "ada", until);
            revoked.await.unwrap();
        }
        assert!(verify().await.is_err(), "by id: {by_id}");
    }
}

#[actix_web::test]
async fn a_revocation_is_not_shortened_by_a_later_one() {
    let revocations = Revocations::in_memory();
    let app = revocable(&revocations, trusting(&ED), Clock::new()).await;
    let by_id = ED.good_with(&json!({"jti": "by id"}));
    let by_text = ED.good_with(&json!({"jti": "by text"}));
    for until in [at(NOW + 1_000_000), UNIX_EPOCH] {
        let text = Secret::new(by_text.as_str());
        revocations.revoke_token(&text, until).await.unwrap();
        let revoked = revocations.revoke_id(ISSUER, "by id", until);
        revoked.await.unwrap();
    }
    // Enough for what has expired to be looked for.
    for number in 0..3000 {
        let id = number.to_string();
        revocations.revoke_id(ISSUER, &id, at(NOW)).await.unwrap();
    }
    app.ask(&by_id).await.assert_invalid("revoked by id");
    app.ask(&by_text).await.assert_invalid("revoked by text");
}

#[test]
fn a_url_with_a_password_is_not_shown() {
    use auth_runtime::oauth::jwt::Issuer;
    for url in [
        "https://id:hunter2@id.example/keys",
        "https://id:hunter2@id.example:no-port/keys",
        "https://id:hunter2@/keys",
        "http://id:hunter2@id.example/keys",
        "//id:hunter2@id.example/keys",
    ] {
        let issuer = Issuer::new(ISSUER).jwks_url(url);
        let error = Jwt::builder().audience(AUDIENCE).issuer(issuer).build();
        let error = error.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}

/// Any JSON, with the names and values that a verifier looks at more often than others.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (NOW - 2..NOW + 3).prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!(ISSUER)),
        Just(json!(AUDIENCE)),
        Just(json!("Bearer")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(name(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    const NAMES: [&str; 22] = [
        "iss",
        "aud",
        "sub",
        "exp",
        "nbf",
        "iat",
        "jti",
        "client_id",
        "cnf",
        "scope",
        "roles",
        "entitlements",
        "value",
        "auth_time",
        "acr",
        "typ",
        "nonce",
        "events",
        "kty",
        "n",
        "x",
        "kid",
    ];
    prop_oneof![
        8 => proptest::sample::select(NAMES.to_vec()).prop_map(str::to_owned),
        1 => "\\PC{0,8}",
    ]
}

fn claims() -> impl Strategy<Value = Value> {
    proptest::collection::btree_map(name(), json_value(), 0..4)
        .prop_map(|map| Value::Object(map.into_iter().collect()))
}

proptest! {
    /// What a signed token says is judged without a panic, and what is accepted is what it must be.
    #[test]
    fn any_signed_claims_are_judged(changes in claims(), untyped in any::<bool>()) {
        let mut claims = claims_of("ada");
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let own = issuer(&ED, "EdDSA");
        let jwt = with(if untyped { own.untyped() } else { own }).clock(|| at(NOW)).build().unwrap();
        let token = ED.token(&ED.header(), &claims);
        let found = futures_util::FutureExt::now_or_never(
            jwt.verify(Secret::new(token)),
        ).unwrap();
        if let Ok(Some(principal)) = found {
            let time = |name: &str| claims[name].as_f64();
            #[allow(clippy::cast_precision_loss)]
            let now = NOW as f64;
            prop_assert_eq!(&claims["iss"], ISSUER);
            prop_assert!(claims["aud"] == AUDIENCE
                || claims["aud"].as_array().is_some_and(|all| all.contains(&json!(AUDIENCE))));
            prop_assert!(claims["sub"].as_str() == Some(principal.subject()));
            prop_assert!(!principal.subject().is_empty());
            prop_assert!(time("exp").unwrap() > now);
            prop_assert!(claims.get("nbf").is_none() || time("nbf").unwrap() <= now);
            prop_assert!(claims.get("cnf").is_none());
        }
    }

    /// A key of any members is a key or none, and does not verify what it did not sign.
    #[test]
    fn any_jwk_is_read_without_a_panic(members in claims(), based in any::<bool>()) {
        let mut jwk = if based { ED.jwk() } else { json!({}) };
        for (name, value) in members.as_object().unwrap() {
            jwk[name] = value.clone();
        }
        let same = jwk["x"] == ED.jwk()["x"] && jwk["kty"] == "OKP";
        if let Ok(key) = Key::jwk(jwk.to_string()) && !same {
            let jwt = Jwt::builder()
                .audience(AUDIENCE)
                .issuer(auth_runtime::oauth::jwt::Issuer::new(ISSUER).key(key).algorithms([
                    auth_runtime::oauth::jwt::Algorithm::EdDsa,
                ]))
                .clock(|| at(NOW))
                .build();
            if let Ok(jwt) = jwt {
                let found = futures_util::FutureExt::now_or_never(
                    jwt.verify(Secret::new(ED.good())),
                ).unwrap();
                prop_assert!(found.is_err());
            }
        }
    }

    /// A published document of any content is keys or an error.
    #[test]
    fn any_key_set_in_a_file_is_read_without_a_panic(
        keys in proptest::collection::vec(json_value(), 0..3),
        bytes in proptest::collection::vec(any::<u8>(), 0..64),
        is_json in any::<bool>(),
    ) {
        let path = std::env::temp_dir().join(format!("auth-any-{}.jwks", std::process::id()));
        let document = json!({ "keys": keys }).to_string();
        std::fs::write(&path, if is_json { document.as_bytes() } else { &bytes }).unwrap();
        let issuer = auth_runtime::oauth::jwt::Issuer::new(ISSUER).jwks_file(&path);
        let built = Jwt::builder().audience(AUDIENCE).issuer(issuer).build();
        std::fs::remove_file(&path).unwrap();
        prop_assert!(built.is_err(), "no key of chance is a key");
    }
}
