//! Verifiers, clocks and schemes that go wrong in every way there is.

use super::*;
use std::future::pending;
use std::io;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, SystemTime};

use actix_web::dev::Service as _;
use actix_web::http::header::RETRY_AFTER;
use auth_runtime::http::Credentials;
use auth_runtime::scheme::{Attempt, Scheme};
use futures_util::FutureExt as _;

use crate::support::gate::{Gate, yields};
use crate::support::principals::token;
use crate::support::{app, bearer, calls, get, send};

#[actix_web::test]
async fn a_verifier_that_knows_nobody_lets_nobody_in() {
    assert_all_refused!(
        bearer(Bearer::sync(|_: Secret<'_>| None)).build().unwrap(),
        401
    );
    let later = Bearer::new(|_: Secret<'static>| async { None });
    assert_all_refused!(bearer(later).build().unwrap(), 401);
}

#[actix_web::test]
async fn a_verifier_that_fails_lets_nobody_in() {
    let sync = |error: fn() -> VerifyError| {
        bearer(Bearer::sync(move |_: Secret<'_>| {
            Err::<Principal, _>(error())
        }))
        .build()
        .unwrap()
    };
    assert_all_refused!(sync(VerifyError::invalid), 401);
    assert_all_refused!(sync(VerifyError::expired), 401);
    assert_all_refused!(sync(VerifyError::unavailable), 503);
    assert_all_refused!(
        sync(|| VerifyError::unavailable_because(io::Error::other("disk"))),
        503
    );
    let later = Bearer::new(|_: Secret<'static>| async {
        yields(2).await;
        Err::<Option<Principal>, _>(VerifyError::unavailable_because(io::Error::other("disk")))
    });
    assert_all_refused!(bearer(later).build().unwrap(), 503);
}

#[actix_web::test]
async fn a_verifier_that_panics_lets_nobody_in() {
    let explode = |_: Secret<'_>| -> Option<Principal> { panic!("at once") };
    assert_all_refused!(bearer(Bearer::sync(explode)).build().unwrap(), 500);

    let before = Bearer::new(|token: Secret<'static>| {
        assert!(token.expose().is_empty(), "before there is a future");
        async { None }
    });
    assert_all_refused!(bearer(before).build().unwrap(), 500);

    let polled = Bearer::new(|_: Secret<'static>| async { explode_when_polled() });
    assert_all_refused!(bearer(polled).build().unwrap(), 500);

    let later = Bearer::new(|_: Secret<'static>| async {
        yields(3).await;
        explode_when_polled()
    });
    assert_all_refused!(bearer(later).build().unwrap(), 500);
}

fn explode_when_polled() -> Option<Principal> {
    panic!("when polled")
}

#[actix_web::test]
async fn a_panic_with_a_payload_that_panics_itself_lets_nobody_in() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            assert!(std::thread::panicking(), "a second time");
        }
    }
    let scheme = Bearer::sync(|_: Secret<'_>| -> Option<Principal> {
        std::panic::panic_any(Bomb);
    });
    let app = app!(bearer(scheme).build().unwrap() => known);
    let request = get("/known").insert_header(token("admin")).to_request();
    let outcome = AssertUnwindSafe(send(&app, request)).catch_unwind().await;
    let outcome = outcome.map(|answer| answer.status.as_u16());
    assert_eq!(calls::take(), 0, "nothing of the handler runs");
    assert_eq!(outcome.ok(), Some(500), "and the connection survives");
}

#[actix_web::test]
async fn a_verifier_that_never_answers_lets_nobody_in() {
    let never = Bearer::new(|_: Secret<'static>| pending::<Option<Principal>>());
    let auth = bearer(never)
        .time_limit(Duration::from_millis(20))
        .build()
        .unwrap();
    assert_all_refused!(auth, 503);
}

#[actix_web::test]
async fn a_verifier_that_panics_when_it_is_given_up_lets_nobody_in() {
    struct Grudge;
    impl Drop for Grudge {
        fn drop(&mut self) {
            assert!(std::thread::panicking(), "dropped");
        }
    }
    let never = Bearer::new(|_: Secret<'static>| async {
        let _grudge = Grudge;
        pending::<Option<Principal>>().await
    });
    let auth = bearer(never)
        .time_limit(Duration::from_millis(20))
        .build()
        .unwrap();
    let app = app!(auth => known, self_guarded);
    for path in ["/known", "/self-guarded"] {
        let request = get(path).insert_header(token("x")).to_request();
        let outcome = AssertUnwindSafe(send(&app, request)).catch_unwind().await;
        assert_eq!(calls::take(), 0, "nothing of the handler runs");
        assert!(outcome.map_or(true, |answer| answer.status == 503 || answer.status == 500));
    }
}

#[actix_web::test]
async fn a_verifier_that_answers_after_its_time_lets_nobody_in() {
    let gate = Gate::default();
    let inside = gate.clone();
    let scheme = Bearer::new(move |_: Secret<'static>| {
        let passed = inside.pass();
        async move {
            passed.await;
            Some(Principal::new("late").role("admin"))
        }
    });
    let auth = bearer(scheme)
        .time_limit(Duration::from_millis(20))
        .build()
        .unwrap();
    let app = app!(auth => admin);
    let answer = send(&app, get("/admin").insert_header(token("x")).to_request()).await;
    gate.open();
    answer.assert_refused(503);
    assert_eq!(answer.header(RETRY_AFTER), Some("5"));
    yields(3).await;
    assert_eq!(
        (calls::take(), gate.passed()),
        (0, 0),
        "the late verifier is gone"
    );
}

#[actix_web::test]
async fn a_cancelled_verification_runs_no_handler() {
    let gate = Gate::default();
    let inside = gate.clone();
    let scheme = Bearer::new(move |_: Secret<'static>| {
        let passed = inside.pass();
        async move {
            passed.await;
            Some(Principal::new("ada").role("admin"))
        }
    });
    let app = app!(bearer(scheme).build().unwrap() => known, admin, self_guarded);
    for path in ["/known", "/admin", "/self-guarded"] {
        let mut answer = Box::pin(app.call(get(path).insert_header(token("admin")).to_request()));
        assert!(answer.as_mut().now_or_never().is_none());
        drop(answer);
    }
    assert_eq!(gate.arrived(), 3);
    gate.open();
    yields(5).await;
    assert_eq!((calls::take(), gate.passed()), (0, 0));
}

#[actix_web::test]
async fn a_principal_whose_time_is_over_is_nobody() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
    for (second, status) in [(0, 401), (999, 401), (1_000, 401), (1_001, 200)] {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(second);
        let principal = move || Some(Principal::new("ada").role("admin").with_expires_at(at));
        for scheme in [
            Bearer::sync(move |_: Secret<'_>| principal()),
            Bearer::new(move |_: Secret<'static>| async move { principal() }),
        ] {
            let app = app!(bearer(scheme).clock(move || now).build().unwrap() => admin);
            let answer = send(&app, get("/admin").insert_header(token("x")).to_request()).await;
            if status == 200 {
                answer.assert_granted();
            } else {
                answer.assert_refused(status);
                assert!(answer.challenges()[0].contains("The access token expired"));
            }
        }
    }
}

#[actix_web::test]
async fn a_clock_that_panics_lets_nobody_in() {
    let scheme = Bearer::sync(|_: Secret<'_>| {
        Some(
            Principal::new("ada")
                .role("admin")
                .with_expires_at(SystemTime::UNIX_EPOCH),
        )
    });
    let auth = bearer(scheme).clock(|| panic!("no clock")).build().unwrap();
    let app = app!(auth => admin);
    let request = get("/admin").insert_header(token("x")).to_request();
    let outcome = AssertUnwindSafe(send(&app, request)).catch_unwind().await;
    let outcome = outcome.map(|answer| answer.status.as_u16());
    assert_eq!(calls::take(), 0, "nothing of the handler runs");
    assert!(outcome.is_err() || outcome.is_ok_and(|status| status == 500));
}

/// A scheme of the app's own that fails in a way of the test's choice.
struct Custom(fn() -> Attempt);

impl Scheme for Custom {
    fn name(&self) -> &'static str {
        "Custom"
    }

    fn authenticate(&self, _: &Credentials<'_>) -> Attempt {
        self.0()
    }
}

#[actix_web::test]
async fn a_scheme_of_the_apps_own_that_fails_lets_nobody_in() {
    for (attempt, status) in [
        ((|| Attempt::Absent) as fn() -> Attempt, 401),
        (|| Attempt::Ambiguous, 400),
        (Attempt::invalid, 401),
        (|| Attempt::verified(None), 401),
        (
            || Attempt::verified(Err::<Principal, _>(VerifyError::unavailable())),
            503,
        ),
        (|| panic!("in the scheme"), 500),
    ] {
        let auth = Auth::builder()
            .realm("api")
            .scheme(Custom(attempt))
            .build()
            .unwrap();
        let app = app!(auth => known, admin, not_banned, self_guarded);
        for path in GUARDED {
            send(&app, get(path).to_request())
                .await
                .assert_refused(status);
        }
    }
}
