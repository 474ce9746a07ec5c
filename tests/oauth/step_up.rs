//! RFC 9470: who is known has to authenticate more recently or more strongly.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use actix_web::{Responder, get, post, web};
use auth_runtime::audit::AuditSink;
use auth_runtime::audit::DecisionEvent;
use auth_runtime::model::Requirement;
use auth_runtime::prelude::*;

use crate::support::{NOW, answer, at, get, parameters, with_token};

static TRANSFERS: AtomicUsize = AtomicUsize::new(0);
static QUESTIONS: AtomicUsize = AtomicUsize::new(0);

#[get("/recent")]
#[requires(max_age("5m"))]
async fn recent() -> &'static str {
    "ok"
}

#[get("/strong")]
#[requires(any(acr("phr"), acr("phrh")))]
async fn strong() -> &'static str {
    "ok"
}

#[get("/transfer")]
#[requires(all(scope("transfer"), role("customer"), max_age("300s"), acr("phr")))]
async fn transfer() -> &'static str {
    TRANSFERS.fetch_add(1, Ordering::Relaxed);
    "ok"
}

#[post("/now")]
#[requires(max_age("0s"))]
async fn now(body: web::Json<serde_json::Value>) -> impl Responder {
    body.to_string()
}

#[get("/asked")]
#[requires(all(policy(never_asked), max_age("5m")))]
async fn asked() -> &'static str {
    "ok"
}

async fn never_asked() -> Decision {
    QUESTIONS.fetch_add(1, Ordering::Relaxed);
    Decision::allow_if(true)
}

#[get("/hidden")]
#[requires(max_age("5m"), hide)]
async fn hidden() -> &'static str {
    "ok"
}

/// `age.acr.scope.role`: `-` for what is not known.
fn principal(token: &str) -> Result<Option<Principal>, VerifyError> {
    if token == "expired" {
        return Err(VerifyError::expired());
    }
    let parts: Vec<&str> = token.split('.').collect();
    let [age, acr, scope, role] = parts[..] else {
        return Ok(None);
    };
    let mut principal = Principal::new("ada");
    if let Ok(age) = age.parse::<u64>() {
        principal = principal.with_authenticated_at(at(NOW - age));
    }
    if let Some(ahead) = age.strip_prefix('+') {
        principal = principal.with_authenticated_at(at(NOW + ahead.parse::<u64>().unwrap()));
    }
    if acr != "-" {
        principal = principal.with_acr(acr);
    }
    Ok(Some(principal.scope(scope).role(role)))
}

fn auth() -> Auth {
    Auth::builder()
        .realm("api")
        .scheme(Bearer::sync(|token: Secret<'_>| principal(token.expose())))
        .scheme(Basic::sync(|user: String, _: Secret<'static>| {
            (user == "ada").then(|| Principal::new("ada"))
        }))
        .clock(|| at(NOW))
        .build()
        .unwrap()
}

fn only_bearer() -> Auth {
    Auth::builder()
        .realm("api")
        .scheme(Bearer::sync(|token: Secret<'_>| principal(token.expose())))
        .clock(|| at(NOW))
        .build()
        .unwrap()
}

#[actix_web::test]
async fn stepup_01_a_weak_authentication_gets_401_and_not_403() {
    let answer = answer!(auth(), [strong], with_token(get("/strong"), "0.pwd.-.-"));
    assert_eq!(answer.status, 401);
    let bearer = answer.challenges()[0];
    assert_eq!(
        bearer,
        "Bearer realm=\"api\", error=\"insufficient_user_authentication\", \
         acr_values=\"phr phrh\", \
         error_description=\"A more recent or stronger authentication is required\""
    );
    assert_eq!(
        answer.challenges()[1],
        "Basic realm=\"api\", charset=\"UTF-8\""
    );
    let problem = answer.json();
    assert_eq!(problem["error"], "insufficient_user_authentication");
    assert_eq!(problem["status"], 401);
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
}

#[actix_web::test]
async fn stepup_02_acr_values_are_in_order_of_preference() {
    for (token, status) in [
        ("0.phr.-.-", 200),
        ("0.phrh.-.-", 200),
        ("0.-.-.-", 401),
        ("0.PHR.-.-", 401),
    ] {
        let answer = answer!(auth(), [strong], with_token(get("/strong"), token));
        assert_eq!(answer.status, status, "{token}");
    }
}

#[actix_web::test]
async fn stepup_03_max_age_is_a_number_of_seconds_and_zero_is_one() {
    let answer = answer!(auth(), [recent], with_token(get("/recent"), "301.-.-.-"));
    let found = parameters(answer.challenges()[0]);
    let max_age = found.iter().find(|(name, _)| name == "max_age").unwrap();
    assert_eq!(max_age.1.parse::<u64>().unwrap(), 300);
    assert!(answer.challenges()[0].contains("max_age=\"300\""));

    let request = || {
        actix_web::test::TestRequest::post()
            .uri("/now")
            .insert_header(("Content-Type", "application/json"))
            .set_payload("not json")
    };
    // Before the body is read: 401 and not 400.
    let stale = answer!(auth(), [now], with_token(request(), "1.-.-.-"));
    assert_eq!(stale.status, 401);
    assert!(stale.challenges()[0].contains("max_age=\"0\""));
    let fresh = answer!(auth(), [now], with_token(request(), "0.-.-.-"));
    assert_eq!(fresh.status, 400);
}

#[actix_web::test]
async fn stepup_04_all_that_the_operation_needs_stands_in_one_challenge() {
    let answer = answer!(
        auth(),
        [transfer],
        with_token(get("/transfer"), "301.pwd.-.-")
    );
    let found = parameters(answer.challenges()[0]);
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("realm", "api"),
            ("error", "insufficient_user_authentication"),
            ("scope", "transfer"),
            ("acr_values", "phr"),
            ("max_age", "300"),
            (
                "error_description",
                "A more recent or stronger authentication is required"
            ),
        ]
    );
    let with_scope = answer!(
        auth(),
        [transfer],
        with_token(get("/transfer"), "301.phr.transfer.-")
    );
    assert!(
        !with_scope.challenges()[0].contains("scope="),
        "no scope is missing"
    );
}

#[actix_web::test]
async fn stepup_05_unknown_old_and_future_authentications_do_not_count() {
    for (token, status) in [
        ("0.-.-.-", 200),
        ("300.-.-.-", 200),
        ("301.-.-.-", 401),
        ("-.-.-.-", 401),
        ("+60.-.-.-", 200),
        ("+61.-.-.-", 401),
    ] {
        let answer = answer!(auth(), [recent], with_token(get("/recent"), token));
        assert_eq!(answer.status, status, "{token}");
    }
}

#[actix_web::test]
async fn stepup_06_what_the_handler_asks_for_is_told_to_valid_tokens_only() {
    for (request, error) in [
        (
            with_token(get("/transfer"), "expired"),
            Some("invalid_token"),
        ),
        (
            with_token(get("/transfer"), "nonsense"),
            Some("invalid_token"),
        ),
        (get("/transfer"), None),
    ] {
        let answer = answer!(only_bearer(), [transfer], request);
        assert_eq!(answer.status, 401);
        let found = parameters(answer.challenges()[0]);
        let found_error = found.iter().find(|(name, _)| name == "error");
        assert_eq!(found_error.map(|(_, value)| value.as_str()), error);
        assert!(
            !found
                .iter()
                .any(|(name, _)| name == "acr_values" || name == "max_age")
        );
    }
}

#[actix_web::test]
async fn step_up_comes_before_roles_and_scopes() {
    for (token, status) in [
        ("301.phr.-.-", 401),
        ("301.phr.transfer.customer", 401),
        ("0.pwd.transfer.customer", 401),
        ("0.phr.-.customer", 403),
        ("0.phr.transfer.-", 403),
    ] {
        let answer = answer!(auth(), [transfer], with_token(get("/transfer"), token));
        assert_eq!(answer.status, status, "{token}");
    }
    let role = answer!(
        auth(),
        [transfer],
        with_token(get("/transfer"), "0.phr.transfer.-")
    );
    assert!(role.challenges().is_empty());
    assert_eq!(
        TRANSFERS.load(Ordering::Relaxed),
        0,
        "the handler did not run"
    );
}

#[actix_web::test]
async fn a_policy_is_not_asked_about_a_stale_authentication() {
    let answer = answer!(auth(), [asked], with_token(get("/asked"), "301.-.-.-"));
    assert_eq!(answer.status, 401);
    assert_eq!(QUESTIONS.load(Ordering::Relaxed), 0);
    let answer = answer!(auth(), [asked], with_token(get("/asked"), "300.-.-.-"));
    assert_eq!(answer.status, 200);
    assert_eq!(QUESTIONS.load(Ordering::Relaxed), 1);
}

#[actix_web::test]
async fn a_scheme_that_cannot_say_it_is_challenged_plainly() {
    let basic = get("/recent").insert_header(("Authorization", "Basic YWRhOng="));
    let answer = answer!(auth(), [recent], basic);
    assert_eq!(answer.status, 401);
    assert!(answer.challenges()[0].starts_with("Bearer realm=\"api\", error=\"insufficient_user"));
    assert_eq!(
        answer.challenges()[1],
        "Basic realm=\"api\", charset=\"UTF-8\""
    );
}

#[actix_web::test]
async fn what_is_hidden_stays_hidden() {
    let answer = answer!(auth(), [hidden], with_token(get("/hidden"), "301.-.-.-"));
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (404, ""));
    assert!(answer.challenges().is_empty());
}

#[actix_web::test]
async fn the_audit_names_the_reason_and_who_it_was() {
    struct Sink(Arc<Mutex<Vec<String>>>);
    impl AuditSink for Sink {
        fn record(&self, event: &DecisionEvent<'_>) {
            let reason = event.reason.map_or("granted", |reason| reason.code());
            let who = event.principal.map_or("nobody", Principal::subject);
            self.0.lock().unwrap().push(format!("{reason} {who}"));
        }
    }
    let seen = Arc::new(Mutex::new(Vec::new()));
    let auth = Auth::builder()
        .realm("api")
        .scheme(Bearer::sync(|token: Secret<'_>| principal(token.expose())))
        .clock(|| at(NOW))
        .audit(Sink(Arc::clone(&seen)))
        .build()
        .unwrap();
    answer!(auth, [recent], with_token(get("/recent"), "301.-.-.-"));
    assert_eq!(
        *seen.lock().unwrap(),
        ["insufficient_user_authentication ada"]
    );
}

#[test]
fn requirements_are_written_as_they_were_meant() {
    for (requirement, text) in [
        (Requirement::max_age(900), "max_age(\"15m\")"),
        (Requirement::max_age(86_400), "max_age(\"1d\")"),
        (Requirement::max_age(3_660), "max_age(\"61m\")"),
        (Requirement::max_age(90), "max_age(\"90s\")"),
        (Requirement::max_age(0), "max_age(\"0s\")"),
        (Requirement::acr(&["phr"]), "acr(\"phr\")"),
        (
            Requirement::acr(&["phr", "phrh"]),
            "any(acr(\"phr\"), acr(\"phrh\"))",
        ),
    ] {
        assert_eq!(requirement.to_string(), text);
    }
}

#[get("/pay")]
#[requires(policy(may_pay))]
async fn pay() -> &'static str {
    "ok"
}

/// RFC 9396 §2: the details that a token was given for are an array of objects with a `type`.
async fn may_pay(caller: Authenticated) -> Decision {
    let details = caller.claims().get("authorization_details");
    let is_payment = |detail: &serde_json::Value| detail["type"] == "payment";
    Decision::allow_if(
        details
            .and_then(serde_json::Value::as_array)
            .is_some_and(|details| details.iter().any(is_payment)),
    )
}

#[actix_web::test]
async fn stepup_07_missing_authorization_details_are_403_without_a_challenge() {
    for (details, status) in [
        (serde_json::json!([{"type": "payment"}]), 200),
        (serde_json::json!([{"type": "account"}]), 403),
        (serde_json::json!([]), 403),
        (serde_json::json!({"type": "payment"}), 403),
        (serde_json::json!("payment"), 403),
        (serde_json::Value::Null, 403),
    ] {
        let held = details.clone();
        let auth = Auth::builder()
            .realm("api")
            .scheme(Bearer::sync(move |_: Secret<'_>| {
                Some(Principal::new("ada").claim("authorization_details", held.clone()))
            }))
            .build()
            .unwrap();
        let answer = answer!(auth, [pay], with_token(get("/pay"), "t"));
        assert_eq!(answer.status, status, "{details}");
        assert!(answer.challenges().is_empty(), "{details}");
    }
}
