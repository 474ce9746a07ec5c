//! Tokens that are taken back before they expire.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use actix_web::{App, get};
use auth_runtime::oauth::revocation::{
    MemoryRevocations, RevocationError, RevocationKey, RevocationStore, Revocations, StoreFailure,
};
use auth_runtime::prelude::*;
use auth_runtime::scheme::VerifyToken;

use crate::support::{NOW, answer, at, get, parameters, with_token};

#[get("/me")]
#[requires_auth]
pub(crate) async fn me(caller: Authenticated) -> String {
    caller.subject().to_owned()
}

/// `subject.issuer.iat.jti`, each of which may be `-`. `iat` is in seconds after `NOW`, or `~` and
/// milliseconds.
#[derive(Clone)]
pub(crate) struct Tokens;

impl VerifyToken for Tokens {
    async fn verify(&self, token: Secret<'static>) -> Result<Option<Principal>, VerifyError> {
        let parts: Vec<&str> = token.expose().split('.').collect();
        let [subject, issuer, iat, jti] = parts[..] else {
            return Ok(None);
        };
        let mut principal = Principal::new(subject);
        if issuer != "-" {
            principal = principal.claim("iss", issuer);
        }
        if let Ok(iat) = iat.parse::<i64>() {
            principal = principal.claim("iat", NOW.cast_signed() + iat);
        } else if let Some(Ok(milliseconds)) = iat.strip_prefix('~').map(str::parse::<u32>) {
            let fraction = f64::from(milliseconds) / 1000.0;
            #[allow(clippy::cast_precision_loss)]
            let iat = NOW as f64 + fraction;
            principal = principal.claim("iat", iat);
        }
        if jti != "-" {
            principal = principal.claim("jti", jti);
        }
        Ok(Some(principal))
    }
}

pub(crate) fn auth<S: RevocationStore>(revocations: &Revocations<S>) -> Auth {
    Auth::builder()
        .realm("files")
        .scheme(Bearer::verifier(revocations.protect(Tokens)))
        .clock(|| at(NOW))
        .build()
        .unwrap()
}

pub(crate) async fn status<S: RevocationStore>(revocations: &Revocations<S>, token: &str) -> u16 {
    let answer = answer!(auth(revocations), [me], with_token(get("/me"), token));
    if answer.status == 401 {
        let found = parameters(answer.challenges()[0]);
        assert!(found.contains(&("error".into(), "invalid_token".into())));
        assert!(!answer.body.contains("revoked"), "{}", answer.body);
    }
    answer.status.as_u16()
}

fn in_memory() -> Revocations {
    Revocations::in_memory().clock(|| at(NOW))
}

pub(crate) fn later() -> SystemTime {
    at(NOW + 3600)
}

#[actix_web::test]
async fn bearer_15_a_token_that_was_revoked_is_refused_on_the_same_connection() {
    let revocations = in_memory();
    let app = App::new().app_data(auth(&revocations)).service(me);
    let app = actix_web::test::init_service(app).await;
    let request = || with_token(get("/me"), "ada.-.0.-").to_request();
    assert_eq!(
        actix_web::test::call_service(&app, request())
            .await
            .status(),
        200
    );
    revocations
        .revoke_token(&Secret::new("ada.-.0.-"), later())
        .await
        .unwrap();
    assert_eq!(
        actix_web::test::call_service(&app, request())
            .await
            .status(),
        401
    );
    assert_eq!(
        status(&revocations, "ada.-.1.-").await,
        200,
        "another token of hers"
    );
}

#[actix_web::test]
async fn an_identifier_is_that_of_its_issuer() {
    let revocations = in_memory();
    revocations.revoke_id("as1", "t7", later()).await.unwrap();
    for (token, expected) in [
        ("ada.as1.0.t7", 401),
        ("ada.as2.0.t7", 200),
        ("ada.-.0.t7", 200),
        ("ada.as1.0.T7", 200),
        ("ada.as1.0.t77", 200),
        ("ada.as1.0.-", 200),
        ("t7.as1.0.x", 200),
    ] {
        assert_eq!(status(&revocations, token).await, expected, "{token}");
    }
}

#[actix_web::test]
async fn a_subject_is_revoked_up_to_now_and_may_come_back_with_a_new_token() {
    let revocations = in_memory();
    revocations
        .revoke_subject("as1", "ada", later())
        .await
        .unwrap();
    for (token, expected) in [
        ("ada.as1.-1.x", 401),
        ("ada.as1.0.x", 401),
        ("ada.as1.1.x", 200),
        // Nobody knows when it was issued.
        ("ada.as1.-.x", 401),
        ("ada.as2.-1.x", 200),
        ("bob.as1.-1.x", 200),
    ] {
        assert_eq!(status(&revocations, token).await, expected, "{token}");
    }
}

/// "Change the password, stay signed in."
pub(crate) async fn assert_a_new_session_lives<S: RevocationStore>(revocations: &Revocations<S>) {
    revocations
        .revoke_subject("as1", "ada", later())
        .await
        .unwrap();
    for (token, expected) in [
        ("ada.as1.~299.x", 401),
        ("ada.as1.~300.x", 401),
        ("ada.as1.~301.x", 200),
        ("ada.as1.~600.x", 200),
        ("ada.as1.1.x", 200),
        // It may have been issued before, in the same second.
        ("ada.as1.0.x", 401),
    ] {
        assert_eq!(status(revocations, token).await, expected, "{token}");
    }
}

pub(crate) fn in_this_second() -> SystemTime {
    at(NOW) + Duration::from_millis(300)
}

#[actix_web::test]
async fn what_is_issued_after_the_revocation_lives_though_it_is_the_same_second() {
    assert_a_new_session_lives(&Revocations::in_memory().clock(in_this_second)).await;
}

#[actix_web::test]
async fn a_subject_is_revoked_up_to_the_time_of_an_incident_and_never_beyond_now() {
    let revocations = in_memory();
    for (at, expected) in [(at(NOW - 10), 200), (at(NOW + 1000), 401)] {
        let revoked = revocations.revoke_subject_up_to("as1", "ada", at, later());
        revoked.await.unwrap();
        for (token, expected) in [
            ("ada.as1.-10.x", 401),
            ("ada.as1.-9.x", expected),
            ("ada.as1.0.x", expected),
            ("ada.as1.1.x", 200),
        ] {
            assert_eq!(status(&revocations, token).await, expected, "{token}");
        }
    }
}

#[actix_web::test]
async fn what_has_expired_is_forgotten() {
    static CLOCK: AtomicU64 = AtomicU64::new(NOW);
    let revocations = Revocations::in_memory().clock(|| at(CLOCK.load(Ordering::Relaxed)));
    let token = Secret::new("ada.-.0.-");
    revocations
        .revoke_token(&token, at(NOW + 10))
        .await
        .unwrap();
    // A verifier may accept it for five minutes more.
    CLOCK.store(NOW + 309, Ordering::Relaxed);
    assert_eq!(status(&revocations, token.expose()).await, 401);
    // Then it refuses an expired token by itself.
    CLOCK.store(NOW + 310, Ordering::Relaxed);
    assert_eq!(status(&revocations, token.expose()).await, 200);
}

#[actix_web::test]
async fn the_clock_of_the_configuration_is_that_of_the_revocations() {
    static CLOCK: AtomicU64 = AtomicU64::new(NOW);
    let revocations = Revocations::in_memory();
    let verifier = revocations.protect(Tokens).or_else(Tokens);
    let auth = Auth::builder()
        .realm("files")
        .scheme(Bearer::verifier(verifier))
        .clock(|| at(CLOCK.load(Ordering::Relaxed)))
        .build()
        .unwrap();
    let token = Secret::new("ada.-.0.-");
    // By the system's clock it would have expired years ago.
    revocations
        .revoke_token(&token, at(NOW + 10))
        .await
        .unwrap();
    for (now, expected) in [(NOW + 309, 401), (NOW + 310, 200)] {
        CLOCK.store(now, Ordering::Relaxed);
        let answer = answer!(auth, [me], with_token(get("/me"), token.expose()));
        assert_eq!(answer.status, expected, "{now}");
    }
}

/// A store that is shared, counts, and can be taken away.
#[derive(Clone, Default)]
struct Shared {
    inner: MemoryRevocations,
    asked: Arc<AtomicUsize>,
    is_away: Arc<AtomicBool>,
    forgets_one: Arc<AtomicBool>,
}

impl RevocationStore for Shared {
    async fn find(
        &self,
        keys: &[RevocationKey],
        now: SystemTime,
    ) -> Result<Vec<Option<SystemTime>>, RevocationError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.is_away.load(Ordering::Relaxed) {
            return Err(RevocationError::Unavailable("away".into()));
        }
        let mut found = self.inner.find(keys, now).await?;
        if self.forgets_one.load(Ordering::Relaxed) {
            found.pop();
        }
        Ok(found)
    }

    async fn revoke(
        &self,
        key: RevocationKey,
        now: SystemTime,
        until: SystemTime,
    ) -> Result<(), RevocationError> {
        if self.is_away.load(Ordering::Relaxed) {
            return Err(RevocationError::Unavailable("away".into()));
        }
        self.inner.revoke(key, now, until).await
    }
}

#[actix_web::test]
async fn another_server_refuses_within_the_interval_and_the_own_at_once() {
    static CLOCK: AtomicU64 = AtomicU64::new(NOW);
    let store = Shared::default();
    let server = || {
        Revocations::new(store.clone())
            .interval(Duration::from_secs(2))
            .clock(|| at(CLOCK.load(Ordering::Relaxed)))
    };
    let (first, second) = (server(), server());
    let token = Secret::new("ada.-.0.-");
    assert_eq!(status(&first, token.expose()).await, 200);
    assert_eq!(status(&second, token.expose()).await, 200);
    assert_eq!(status(&second, token.expose()).await, 200);
    assert_eq!(
        store.asked.load(Ordering::Relaxed),
        2,
        "one question a server"
    );

    first.revoke_token(&token, later()).await.unwrap();
    assert_eq!(status(&first, token.expose()).await, 401);
    CLOCK.store(NOW + 1, Ordering::Relaxed);
    assert_eq!(
        status(&second, token.expose()).await,
        200,
        "within the interval"
    );
    CLOCK.store(NOW + 2, Ordering::Relaxed);
    assert_eq!(status(&second, token.expose()).await, 401);
    CLOCK.store(NOW, Ordering::Relaxed);
    assert_eq!(
        status(&second, token.expose()).await,
        200,
        "the clock was set back into the interval"
    );
}

#[actix_web::test]
async fn a_store_that_is_away_closes_the_door_unless_the_app_says_otherwise() {
    let store = Shared::default();
    let closed = Revocations::new(store.clone())
        .interval(Duration::ZERO)
        .clock(|| at(NOW));
    let open = closed.clone().on_store_failure(StoreFailure::Accept);
    for revocations in [&closed, &open] {
        assert_eq!(status(revocations, "ada.-.0.-").await, 200);
    }
    for switch in [&store.is_away, &store.forgets_one] {
        switch.store(true, Ordering::Relaxed);
        let answer = answer!(auth(&closed), [me], with_token(get("/me"), "ada.-.0.-"));
        assert_eq!(answer.status, 503);
        assert_eq!(answer.header("Retry-After"), Some("5"));
        assert!(answer.challenges().is_empty());
        assert_eq!(status(&open, "ada.-.0.-").await, 200);
        // What is not valid anyway is not valid, and the store is not asked.
        let asked = store.asked.load(Ordering::Relaxed);
        assert_eq!(status(&closed, "nonsense").await, 401);
        assert_eq!(store.asked.load(Ordering::Relaxed), asked);
        switch.store(false, Ordering::Relaxed);
    }
    store.is_away.store(true, Ordering::Relaxed);
    let token = Secret::new("ada.-.0.-");
    assert!(
        closed.revoke_token(&token, later()).await.is_err(),
        "it is not said to be revoked"
    );
    store.is_away.store(false, Ordering::Relaxed);
    assert_eq!(status(&closed, "ada.-.0.-").await, 200);
}

#[actix_web::test]
async fn a_revoked_token_is_not_taken_to_the_next_verifier() {
    let revocations = in_memory();
    let token = Secret::new("ada.-.0.-");
    revocations.revoke_token(&token, later()).await.unwrap();
    let chain = revocations.protect(Tokens).or_else(Tokens);
    let auth = Auth::builder()
        .realm("files")
        .scheme(Bearer::verifier(chain))
        .build()
        .unwrap();
    let answer = answer!(auth, [me], with_token(get("/me"), token.expose()));
    assert_eq!(answer.status, 401);
}

#[test]
fn marks_and_revocations_show_nothing() {
    let revocations = in_memory();
    let shown = format!(
        "{revocations:?} {:?}",
        RevocationKey::token(&Secret::new("hunter2"))
    );
    assert!(
        !shown.contains("hunter2") && !shown.contains("f52fbd32"),
        "{shown}"
    );
}
