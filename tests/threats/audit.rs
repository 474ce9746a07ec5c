//! The audit: it hears of every decision and changes none.

use std::sync::{Arc, Mutex};

use actix_web::get;
use auth_runtime::audit::AuditSink;
use auth_runtime::audit::DecisionEvent;
use auth_runtime::prelude::*;

use crate::support::principals::{key, token};
use crate::support::{app, builder, calls, get, log, send};

#[get("/admin")]
#[requires_role("admin")]
async fn admin() -> &'static str {
    calls::count();
    "admin"
}

#[get("/hidden")]
#[requires_role("admin", hide)]
async fn hidden() -> &'static str {
    calls::count();
    "hidden"
}

#[get("/open")]
#[public(reason = "the control")]
async fn open() -> &'static str {
    calls::count();
    "open"
}

#[get("/alone")]
async fn alone(_: Authenticated) -> &'static str {
    calls::count();
    "alone"
}

#[get("/policy")]
#[requires(policy(nobody))]
async fn policy() -> &'static str {
    calls::count();
    "policy"
}

async fn nobody() -> Decision {
    Decision::deny("nobody may")
}

/// Writes down what it hears, and that the handler has not run yet.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl AuditSink for Heard {
    fn record(&self, event: &DecisionEvent<'_>) {
        assert_eq!(
            calls::take(),
            0,
            "a decision is told before the handler runs"
        );
        let line = format!(
            "{} {} {} {} {} {}",
            event
                .handler
                .map_or("-", |handler| handler.path.rsplit("::").next().unwrap()),
            event.access.map_or("-".into(), ToString::to_string),
            event.outcome.as_str(),
            event.status.map_or(0, |status| status.as_u16()),
            event.reason.map_or("-", auth_runtime::denial::Reason::code),
            event.principal.map_or("-", Principal::subject),
        );
        self.0
            .lock()
            .unwrap()
            .push(format!("{line} {}", event.request.path()));
    }
}

#[actix_web::test]
async fn every_decision_is_told_once() {
    let heard = Heard::default();
    let auth = builder().audit(heard.clone()).build().unwrap();
    let app = app!(auth => admin, hidden, open, alone, policy);
    for (path, credentials, expected) in [
        (
            "/admin",
            "admin",
            "admin role(\"admin\") granted 0 - ada /admin",
        ),
        (
            "/admin",
            "user",
            "admin role(\"admin\") denied 403 requirement_not_met rob /admin",
        ),
        (
            "/admin",
            "",
            "admin role(\"admin\") denied 401 no_credentials - /admin",
        ),
        (
            "/admin",
            "nobody",
            "admin role(\"admin\") denied 401 invalid_credentials - /admin",
        ),
        (
            "/admin",
            "expired",
            "admin role(\"admin\") denied 401 expired_credentials - /admin",
        ),
        (
            "/admin",
            "down",
            "admin role(\"admin\") denied 503 verifier_unavailable - /admin",
        ),
        (
            "/admin",
            "panic",
            "admin role(\"admin\") misconfigured 500 verifier_panicked - /admin",
        ),
        (
            "/hidden",
            "admin",
            "hidden role(\"admin\") granted 0 - ada /hidden",
        ),
        ("/open", "", "open public granted 0 - - /open"),
        (
            "/policy",
            "user",
            "policy policy(nobody) denied 403 policy_denied rob /policy",
        ),
        ("/alone", "", "- - denied 401 no_credentials - /alone"),
        (
            "/alone",
            "nobody",
            "- - denied 401 invalid_credentials - /alone",
        ),
    ] {
        send(
            &app,
            get(path).insert_header(token(credentials)).to_request(),
        )
        .await;
        calls::take();
        let told = std::mem::take(&mut *heard.0.lock().unwrap());
        assert_eq!(told, [expected], "{path} {credentials}");
    }
}

#[actix_web::test]
async fn a_hidden_refusal_is_told_with_its_true_reason() {
    let heard = Heard::default();
    let app = app!(builder().audit(heard.clone()).build().unwrap() => hidden);
    for (credentials, reason) in [
        ("", "no_credentials"),
        ("user", "requirement_not_met"),
        ("nobody", "invalid_credentials"),
        ("down", "verifier_unavailable"),
        ("panic", "verifier_panicked"),
    ] {
        let request = get("/hidden").insert_header(token(credentials));
        let answer = send(&app, request.to_request()).await;
        assert_eq!((answer.status.as_u16(), calls::take()), (404, 0));
        let told = std::mem::take(&mut *heard.0.lock().unwrap());
        assert_eq!(told.len(), 1);
        assert!(told[0].contains(&format!(" {reason} ")), "{told:?}");
    }
}

/// Panics at every decision.
struct Broken;

impl AuditSink for Broken {
    fn record(&self, _: &DecisionEvent<'_>) {
        panic!("the disk is full")
    }
}

/// Panics with something that panics again when it is dropped.
struct Explosive;

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "a second time");
    }
}

impl AuditSink for Explosive {
    fn record(&self, _: &DecisionEvent<'_>) {
        std::panic::panic_any(Bomb)
    }
}

macro_rules! assert_unchanged {
    ($sink:expr) => {{
        log::start();
        let app = app!(builder().audit($sink).build().unwrap() => admin, open, alone);
        for credentials in [token("admin"), key("k3y")] {
            for path in ["/admin", "/alone", "/open"] {
                let request = get(path).insert_header(credentials.clone());
                send(&app, request.to_request()).await.assert_granted();
            }
        }
        for (path, credentials, status) in [
            ("/admin", "user", 403),
            ("/admin", "nobody", 401),
            ("/admin", "down", 503),
            ("/alone", "nobody", 401),
        ] {
            let request = get(path).insert_header(token(credentials));
            send(&app, request.to_request()).await.assert_refused(status);
        }
        let log = log::take();
        assert!(log.contains("the audit sink panicked"), "{log}");
    }};
}

#[actix_web::test]
async fn a_sink_that_panics_changes_no_decision() {
    assert_unchanged!(Broken);
}

#[actix_web::test]
async fn a_sink_that_panics_twice_changes_no_decision() {
    assert_unchanged!(Explosive);
}

#[actix_web::test]
async fn a_sink_may_touch_the_request_that_it_is_told_of() {
    use actix_web::HttpMessage as _;

    struct Touching;
    impl AuditSink for Touching {
        fn record(&self, event: &DecisionEvent<'_>) {
            event.request.extensions_mut().insert(event.outcome);
            assert!(
                event
                    .request
                    .extensions()
                    .contains::<auth_runtime::audit::Outcome>()
            );
        }
    }
    log::start();
    let app = app!(builder().audit(Touching).build().unwrap() => admin, open, alone);
    for (path, credentials, status) in [
        ("/admin", "admin", 200),
        ("/admin", "user", 403),
        ("/alone", "nobody", 401),
        ("/open", "", 200),
    ] {
        let request = get(path).insert_header(token(credentials));
        assert_eq!(send(&app, request.to_request()).await.status, status);
    }
    calls::take();
    assert!(!log::take().contains("panicked"), "nothing was borrowed");
}

#[actix_web::test]
async fn the_levels_of_the_log_tell_what_is_urgent() {
    log::start();
    let app = app!(builder().build().unwrap() => admin);
    for (credentials, level, outcome) in [
        ("admin", "DEBUG", "granted"),
        ("user", "INFO", "denied"),
        ("nobody", "INFO", "denied"),
        ("down", "WARN", "denied"),
        ("panic", "ERROR", "misconfigured"),
    ] {
        send(
            &app,
            get("/admin").insert_header(token(credentials)).to_request(),
        )
        .await;
        calls::take();
        let log = log::take();
        let line = log
            .lines()
            .find(|line| line.contains("outcome="))
            .expect(&log);
        assert!(line.contains(&format!("{level} auth_runtime: ")), "{line}");
        assert!(line.contains(&format!("outcome=\"{outcome}\"")), "{line}");
        assert!(line.contains("handler=\"threats::audit::admin\""), "{line}");
        assert!(line.contains("requirement=role(\"admin\")"), "{line}");
    }
}
