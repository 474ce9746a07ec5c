//! What a token's holder, a careless mapping, or a clock would get away with.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::rt;
use actix_web::{App, HttpResponse, HttpServer, web};
use auth_runtime::oauth::introspection::Introspection;
use auth_runtime::oauth::introspection::IntrospectionBuilder;
use auth_runtime::oauth::revocation::{
    MemoryRevocations, RevocationKey, RevocationStore as _, Revocations,
};
use auth_runtime::prelude::*;
use auth_runtime::scheme::VerifyToken;

use crate::revocation::{later, status};
use crate::support::{NOW, at};

/// An introspection whose server answers this text to every question.
fn answering(text: &'static str) -> IntrospectionBuilder {
    let server = HttpServer::new(move || {
        App::new().default_service(web::to(move || async move {
            HttpResponse::Ok()
                .content_type("application/json")
                .body(text)
        }))
    })
    .workers(1)
    .disable_signals()
    .shutdown_timeout(0)
    .bind(("127.0.0.1", 0))
    .unwrap();
    let url = format!("http://{}/introspect", server.addrs()[0]);
    rt::spawn(server.run());
    Introspection::builder(url)
        .client("files-api", "secret")
        .audience("us")
        .clock(|| at(NOW))
}

async fn found(text: &'static str) -> Option<Principal> {
    let verifier = answering(text).build().unwrap();
    verifier.verify(Secret::new("t")).await.ok().flatten()
}

#[actix_web::test]
async fn bearer_18_an_answer_that_can_be_read_in_two_ways_grants_nothing() {
    let good = r#"{"active":true,"sub":"ada","aud":"us"}"#;
    assert_eq!(found(good).await.unwrap().subject(), "ada");
    for text in [
        // A name twice, at any depth and in any spelling.
        r#"{"active":false,"active":true,"sub":"ada","aud":"us"}"#,
        r#"{"active":true,"\u0061ctive":true,"sub":"ada","aud":"us"}"#,
        r#"{"active":true,"sub":"ada","aud":"us","realm":{"roles":[],"roles":["admin"]}}"#,
        // Nobody.
        r#"{"active":true,"sub":"","aud":"us"}"#,
        r#"{"active":true,"sub":null,"aud":"us"}"#,
        r#"{"active":true,"sub":["ada"],"aud":"us"}"#,
        // Audiences that are none.
        r#"{"active":true,"sub":"ada","aud":["us",1]}"#,
        r#"{"active":true,"sub":"ada","aud":["them",["us"]]}"#,
        r#"{"active":true,"sub":"ada","aud":"us us"}"#,
        r#"{"active":true,"sub":"ada","aud":{"us":true}}"#,
        // More than one answer, and less.
        r#"{"active":true,"sub":"ada","aud":"us"}{"active":false}"#,
        r#"[{"active":true,"sub":"ada","aud":"us"}]"#,
        r#"{"active":true,"sub":"ada","aud":"us"#,
        // Times that are none.
        r#"{"active":true,"sub":"ada","aud":"us","exp":1e400}"#,
        r#"{"active":true,"sub":"ada","aud":"us","exp":1e300}"#,
        r#"{"active":true,"sub":"ada","aud":"us","exp":-1}"#,
        r#"{"active":true,"sub":"ada","aud":"us","exp":"4000000000"}"#,
        r#"{"active":true,"sub":"ada","aud":"us","exp":null}"#,
        r#"{"active":true,"sub":"ada","aud":"us","nbf":1e300}"#,
        r#"{"active":true,"sub":"ada","aud":"us","nbf":"0"}"#,
    ] {
        assert!(found(text).await.is_none(), "{text}");
    }
}

#[actix_web::test]
async fn bearer_18_a_mapping_does_not_make_a_token_outlive_its_exp() {
    static CLOCK: AtomicU64 = AtomicU64::new(NOW);
    let now = || at(CLOCK.load(Ordering::SeqCst));
    let text = r#"{"active":true,"sub":"ada","aud":"us","exp":1750000010}"#;
    assert_eq!(NOW, 1_750_000_000);
    let own = |later: bool| {
        let verifier = answering(text)
            .clock(now)
            // The app's own user, of whom it knows no end, or a later one.
            .map(move |_, _| {
                let user = Principal::new("user 7");
                Some(if later {
                    user.with_expires_at(at(NOW + 1000))
                } else {
                    user
                })
            })
            .build();
        verifier.unwrap()
    };
    for verifier in [own(false), own(true)] {
        CLOCK.store(NOW, Ordering::SeqCst);
        let user = verifier.verify(Secret::new("t")).await.unwrap().unwrap();
        assert_eq!(user.expires_at(), Some(at(NOW + 10)));
        CLOCK.store(NOW + 10, Ordering::SeqCst);
        assert!(verifier.verify(Secret::new("t")).await.is_err());
    }
    // An end of its own that is nearer counts.
    let sooner = answering(text)
        .clock(|| at(NOW))
        .map(|user, _| Some(user.with_expires_at(at(NOW + 5))))
        .build()
        .unwrap();
    let user = sooner.verify(Secret::new("t")).await.unwrap().unwrap();
    assert_eq!(user.expires_at(), Some(at(NOW + 5)));
}

/// Puts a prefix before each subject, as for one of several issuers.
struct Prefixed;

impl VerifyToken for Prefixed {
    async fn verify(&self, _: Secret<'static>) -> Result<Option<Principal>, VerifyError> {
        Ok(Some(
            Principal::new("corp|ada")
                .claim("sub", "ada")
                .claim("iss", "as1")
                .claim("iat", NOW - 1),
        ))
    }
}

#[actix_web::test]
async fn a_subject_is_found_by_its_name_here_and_by_its_name_there() {
    for (issuer, subject, is_revoked) in [
        ("as1", "ada", true),
        ("as1", "corp|ada", true),
        ("as2", "ada", false),
        ("", "ada", false),
        ("as1", "corp|", false),
        ("as1", "eve", false),
    ] {
        let revocations = Revocations::in_memory().clock(|| at(NOW));
        let revoked = revocations.revoke_subject(issuer, subject, later());
        revoked.await.unwrap();
        let outcome = revocations.protect(Prefixed).verify(Secret::new("t")).await;
        assert_eq!(outcome.is_err(), is_revoked, "{issuer} {subject}");
    }
}

#[actix_web::test]
async fn one_issuers_identifier_revokes_nothing_of_another_and_takes_nothing_back() {
    let revocations = Revocations::in_memory().clock(|| at(NOW));
    let (ours, theirs) = ("ada.as1.0.7", "ada.as2.0.7");
    revocations.revoke_id("as1", "7", later()).await.unwrap();
    for (issuer, jti) in [
        ("as2", "7"),
        ("", "7"),
        ("as1", "8"),
        ("as17", ""),
        ("as", "17"),
    ] {
        // Neither for longer nor for less long, nor for no time at all.
        for until in [at(NOW - 1000), at(NOW), later()] {
            if (issuer, jti) != ("as2", "7") {
                revocations.revoke_id(issuer, jti, until).await.unwrap();
            }
        }
        assert_eq!(status(&revocations, ours).await, 401);
        assert_eq!(status(&revocations, theirs).await, 200);
    }
    // The same one for less long does not shorten it.
    for until in [at(0), at(NOW), at(NOW + 1)] {
        revocations.revoke_id("as1", "7", until).await.unwrap();
    }
    let revocations = revocations.clock(|| at(NOW + 3599));
    assert_eq!(status(&revocations, ours).await, 401);
}

#[actix_web::test]
async fn a_server_whose_clock_is_behind_takes_no_revocation_back() {
    let store = MemoryRevocations::default();
    let key = RevocationKey::subject("as1", "ada");
    for now in [NOW, NOW - 3600] {
        store.revoke(key, at(now), later()).await.unwrap();
    }
    assert_eq!(store.find(&[key], at(NOW)).await.unwrap(), [Some(at(NOW))]);
}

#[actix_web::test]
async fn an_issuer_whose_clock_is_ahead_gives_no_token_that_outlives_a_revocation() {
    for (skew, iat, expected) in [
        (0, 0, 401),
        (0, 1, 200),
        (30, 1, 401),
        (30, 30, 401),
        (30, 31, 200),
        (u64::MAX, 1000, 401),
    ] {
        let revocations = Revocations::in_memory()
            .clock(|| at(NOW))
            .clock_skew(Duration::from_secs(skew));
        revocations
            .revoke_subject("as1", "ada", later())
            .await
            .unwrap();
        let token = format!("ada.as1.{iat}.-");
        assert_eq!(status(&revocations, &token).await, expected, "{skew} {iat}");
        // Of a token that was revoked by itself it does not matter when it was issued.
        let id = format!("eve.as1.{iat}.7");
        revocations.revoke_id("as1", "7", later()).await.unwrap();
        assert_eq!(status(&revocations, &id).await, 401);
    }
}

#[actix_web::test]
async fn a_question_on_its_way_does_not_bring_a_revoked_token_back() {
    let clock = Arc::new(AtomicU64::new(NOW));
    let now = Arc::clone(&clock);
    let verifier = answering(r#"{"active":true,"sub":"ada","aud":"us","jti":"7","iss":"as1"}"#)
        .cache_time(Duration::from_secs(60))
        .build()
        .unwrap();
    let revocations = Revocations::in_memory()
        .interval(Duration::from_secs(60))
        .clock(move || at(now.load(Ordering::SeqCst)));
    let protected = revocations.protect(verifier);
    assert!(protected.verify(Secret::new("t")).await.is_ok());
    revocations.revoke_id("as1", "7", later()).await.unwrap();
    // Known to be active and, a moment ago, not to be revoked: one's own word counts at once.
    assert!(protected.verify(Secret::new("t")).await.is_err());
    // A clock that is set back believes nothing from the future.
    clock.store(NOW - 3600, Ordering::SeqCst);
    assert!(protected.verify(Secret::new("t")).await.is_err());
}
