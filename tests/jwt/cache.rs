//! Tokens that have been verified before, and tokens that are revoked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use auth_runtime::oauth::revocation::Revocations;
use auth_runtime::{Principal, Secret};
use serde_json::json;

use crate::asking::{Ask as _, Clock, app, revocable, trusting};
use crate::minting::{ED, HMAC, ISSUER, NOW, RSA};

#[actix_web::test]
async fn a_token_that_was_seen_before_is_known() {
    let jwt = trusting(&ED).build().unwrap();
    let app = app(jwt.clone(), Clock::new()).await;
    assert_eq!(jwt.cache_usage(), (0, 0));
    let first = app.ask(&ED.good()).await;
    assert_eq!(jwt.cache_usage().0, 1);
    for _ in 0..3 {
        assert_eq!(app.ask(&ED.good()).await, first);
    }
    // EdDSA is deterministic, so that is one text; another one is another entry.
    assert_eq!(jwt.cache_usage().0, 1);
    app.ask(&ED.good_with(&json!({"jti": "2"})))
        .await
        .assert_ok();
    assert_eq!(jwt.cache_usage().0, 2);
    jwt.forget_verified();
    assert_eq!(jwt.cache_usage(), (0, 0));
    app.ask(&ED.good()).await.assert_ok();
}

#[actix_web::test]
async fn a_token_that_was_seen_before_expires() {
    let clock = Clock::new();
    let jwt = trusting(&ED).build().unwrap();
    let app = app(jwt.clone(), clock.clone()).await;
    let token = ED.good_with(&json!({"exp": NOW + 10, "nbf": NOW}));
    app.ask(&token).await.assert_ok();
    clock.go(9);
    app.ask(&token).await.assert_ok();
    clock.go(1);
    app.ask(&token).await.assert_expired();
    assert_eq!(jwt.cache_usage(), (0, 0));
    app.ask(&token).await.assert_expired();
}

#[actix_web::test]
async fn a_token_that_is_like_one_that_was_seen_is_not_it() {
    let app = app(trusting(&ED), Clock::new()).await;
    let token = ED.good();
    app.ask(&token).await.assert_ok();
    let other = ED.good_with(&json!({"jti": "2"}));
    let (message, _) = token.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    app.ask(&format!("{message}.{signature}"))
        .await
        .assert_invalid("another's signature");
    app.ask(&format!("{message}.{}", "A".repeat(86)))
        .await
        .assert_invalid("no signature");
    app.ask(&token[..token.len() - 1])
        .await
        .assert_invalid("a prefix");
    app.ask(&token).await.assert_ok();
}

#[actix_web::test]
async fn what_is_refused_is_not_kept() {
    let jwt = trusting(&ED).build().unwrap();
    let app = app(jwt.clone(), Clock::new()).await;
    for token in [
        ED.good_with(&json!({"aud": "x"})),
        ED.good_with(&json!({"exp": NOW})),
        RSA.good(),
        HMAC.good(),
        format!("{}A", ED.good()),
    ] {
        assert!(!app.ask(&token).await.is_ok());
    }
    assert_eq!(jwt.cache_usage(), (0, 0));
}

#[actix_web::test]
async fn the_cache_is_bounded() {
    let bytes = 64 * 1024;
    let jwt = trusting(&ED).cache_size(bytes).build().unwrap();
    let clock = Clock::new();
    let app = app(jwt.clone(), clock.clone()).await;
    for number in 0..200 {
        let token = ED.good_with(&json!({"jti": number.to_string(), "x": "y".repeat(100)}));
        app.ask(&token).await.assert_ok();
        let (count, size) = jwt.cache_usage();
        assert!(size <= bytes && count > 0, "{count} tokens, {size} bytes");
    }
    // A token that would not fit is accepted and not kept.
    let small = trusting(&ED).cache_size(8 * 1024).build().unwrap();
    let app = crate::asking::app(small.clone(), clock.clone()).await;
    app.ask(&ED.good_with(&json!({"x": "y".repeat(4500)})))
        .await
        .assert_ok();
    assert_eq!(small.cache_usage(), (0, 0));
    let none = trusting(&ED).cache_size(0).build().unwrap();
    let app = crate::asking::app(none.clone(), clock.clone()).await;
    app.ask(&ED.good()).await.assert_ok();
    app.ask(&ED.good()).await.assert_ok();
    assert_eq!(none.cache_usage(), (0, 0));
}

#[actix_web::test]
async fn a_token_is_revoked_by_its_text_its_id_or_its_subject() {
    let clock = Clock::new();
    let revocations = Revocations::in_memory();
    let app = revocable(&revocations, trusting(&ED), clock.clone()).await;
    let far = UNIX_EPOCH + Duration::from_secs(NOW + 600);
    let (first, second) = (
        ED.good_with(&json!({"jti": "1"})),
        ED.good_with(&json!({"jti": "2"})),
    );
    let third = ED.good_with(&json!({"jti": "3"}));
    let eve = ED.good_with(&json!({"sub": "eve", "jti": "4"}));
    for token in [&first, &second, &third, &eve] {
        app.ask(token).await.assert_ok();
    }
    let text = Secret::new(first.as_str());
    revocations.revoke_token(&text, far).await.unwrap();
    app.ask(&first).await.assert_invalid("revoked by text");
    app.ask(&second).await.assert_ok();
    let revoke_id = async |issuer| revocations.revoke_id(issuer, "2", far).await.unwrap();
    revoke_id("https://other.example").await;
    app.ask(&second).await.assert_ok();
    revoke_id(ISSUER).await;
    app.ask(&second).await.assert_invalid("revoked by id");
    app.ask(&third).await.assert_ok();
    let at = UNIX_EPOCH + Duration::from_secs(NOW - 10);
    for issuer in ["https://other.example", ISSUER] {
        let revoked = revocations.revoke_subject_up_to(issuer, "ada", at, far);
        app.ask(&third).await.assert_ok();
        revoked.await.unwrap();
    }
    app.ask(&third).await.assert_invalid("revoked by subject");
    app.ask(&eve).await.assert_ok();
    // What is issued later is valid again: they signed in anew.
    app.ask(&ED.good_with(&json!({"jti": "5", "iat": NOW - 9})))
        .await
        .assert_ok();
    assert!(!format!("{revocations:?}").contains(&first));
}

#[actix_web::test]
async fn the_hook_is_asked_about_valid_tokens_cached_or_not() {
    let closed = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&closed);
    let jwt = trusting(&ED).user_sync(move |principal: Principal| {
        assert_eq!(principal.claims()["iss"], ISSUER);
        assert_eq!(principal.claims()["jti"], "t-1");
        (!seen.load(Ordering::SeqCst)).then_some(principal)
    });
    let app = app(jwt, Clock::new()).await;
    app.ask(&ED.good()).await.assert_ok();
    closed.store(true, Ordering::SeqCst);
    app.ask(&ED.good()).await.assert_invalid("refused");
    closed.store(false, Ordering::SeqCst);
    app.ask(&ED.good()).await.assert_ok();
}

#[actix_web::test]
async fn a_hook_that_panics_lets_nobody_in() {
    let jwt = trusting(&ED).user_sync(|_| -> Option<Principal> { panic!("a mistake") });
    let answer = app(jwt, Clock::new()).await.ask(&ED.good()).await;
    assert_eq!((answer.status.as_u16(), answer.calls), (500, 0));
}
