//! Ways in that a second look found: tokens of other kinds, a mapping that forgets, a proxy.

use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::rt;
use actix_web::{App, HttpResponse, HttpServer, web};
use auth_runtime::oauth::introspection::Introspection;
use auth_runtime::oauth::introspection::IntrospectionBuilder;
use auth_runtime::oauth::revocation::Revocations;
use auth_runtime::prelude::*;
use auth_runtime::scheme::VerifyToken;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::revocation::later;
use crate::support::{NOW, at};

/// What a server of these tests answers next.
type Answer = Arc<Mutex<Vec<u8>>>;

/// An introspection whose server answers what the test last set.
fn answering(answer: &Answer) -> IntrospectionBuilder {
    let answer = Arc::clone(answer);
    let server = HttpServer::new(move || {
        let answer = Arc::clone(&answer);
        App::new().default_service(web::to(move || {
            let body = answer.lock().unwrap().clone();
            async move {
                HttpResponse::Ok()
                    .content_type("application/json")
                    .body(body)
            }
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
        .clock(|| at(NOW))
        .cache_time(Duration::ZERO)
}

#[actix_web::test]
async fn bearer_18_a_refresh_token_that_is_active_is_no_access_token() {
    let answer = Answer::default();
    // The audience of a refresh token may be that of its access tokens.
    let verifier = answering(&answer).audience("us").build().unwrap();
    let found = async |changes: Value| {
        let mut members =
            json!({"active": true, "sub": "ada", "aud": "us", "token_type": "Bearer"});
        for (name, value) in changes.as_object().unwrap() {
            members[name] = value.clone();
        }
        *answer.lock().unwrap() = members.to_string().into();
        let found = verifier.verify(Secret::new("t")).await;
        found.ok().flatten().is_some()
    };
    for good in [
        json!({}),
        json!({"token_use": "access_token"}),
        json!({"token_use": "access"}),
        json!({"typ": "Bearer"}),
        json!({"typ": "at+jwt"}),
    ] {
        assert!(found(good.clone()).await, "{good}");
    }
    for other in [
        json!({"token_use": "refresh_token"}),
        json!({"token_use": "id"}),
        json!({"token_use": null}),
        json!({"token_use": ["access_token"]}),
        json!({"typ": "Refresh"}),
        json!({"typ": "Offline"}),
        json!({"typ": "ID"}),
        json!({"typ": "Logout"}),
    ] {
        assert!(!found(other.clone()).await, "{other}");
    }
}

#[actix_web::test]
async fn a_mapping_does_not_hide_a_token_from_its_revocation() {
    let answer = Answer::default();
    let members = json!({"active": true, "token_type": "Bearer", "sub": "ada", "iss": "as1", "jti": "7", "iat": NOW - 9});
    *answer.lock().unwrap() = members.to_string().into();
    for by_id in [true, false] {
        let verifier = answering(&answer)
            .any_audience()
            .map(|_, _| Some(Principal::new("user 7")))
            .build()
            .unwrap();
        let revocations = Revocations::in_memory().clock(|| at(NOW));
        let protected = revocations.protect(verifier);
        let user = protected.verify(Secret::new("t")).await.unwrap().unwrap();
        assert_eq!(user.subject(), "user 7");
        if by_id {
            revocations.revoke_id("as1", "7", later()).await.unwrap();
        } else {
            let revoked = revocations.revoke_subject("as1", "ada", later());
            revoked.await.unwrap();
        }
        assert!(protected.verify(Secret::new("t")).await.is_err(), "{by_id}");
    }
}

#[test]
fn an_endpoint_with_a_password_is_not_shown() {
    for endpoint in [
        "https://id:hunter2@login.example.com/introspect",
        "http://id:hunter2@127.0.0.1/introspect",
        "id:hunter2@login.example.com",
    ] {
        let built = Introspection::builder(endpoint)
            .client("id", "s")
            .any_audience()
            .build();
        let error = built.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}

/// Set for the process that [`tokens_in_clear_are_not_sent_through_a_proxy`] starts.
const INSIDE: &str = "AUTH_TEST_BEHIND_A_PROXY";

#[actix_web::test]
async fn tokens_in_clear_are_not_sent_through_a_proxy() {
    if std::env::var_os(INSIDE).is_some() {
        let answer = Answer::default();
        *answer.lock().unwrap() = json!({"active": true, "token_type": "Bearer", "sub": "ada"})
            .to_string()
            .into();
        let verifier = answering(&answer).any_audience().build().unwrap();
        let found = verifier.verify(Secret::new("t")).await;
        assert_eq!(found.unwrap().unwrap().subject(), "ada");
        return;
    }
    // Nobody can be reached through this proxy.
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "intrusion::tokens_in_clear_are_not_sent_through_a_proxy",
        ])
        .env(INSIDE, "1")
        .env("http_proxy", "http://127.0.0.1:1")
        .env("HTTP_PROXY", "http://127.0.0.1:1")
        .env_remove("no_proxy")
        .env_remove("NO_PROXY")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

/// Any JSON, with what an introspection looks at more often than other things.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (NOW - 2..NOW + 3).prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("us")),
        Just(json!("Bearer")),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("\\PC{0,4}", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn changes() -> impl Strategy<Value = Vec<(&'static str, Value)>> {
    const NAMES: [&str; 12] = [
        "active",
        "sub",
        "aud",
        "exp",
        "nbf",
        "iss",
        "cnf",
        "scope",
        "token_type",
        "acr",
        "auth_time",
        "token_use",
    ];
    let member = (proptest::sample::select(NAMES.to_vec()), json_value());
    proptest::collection::vec(member, 0..4)
}

#[actix_web::test]
async fn bearer_18_any_answer_is_judged_without_a_panic() {
    let answer = Answer::default();
    let verifier = answering(&answer).audience("us").build().unwrap();
    let mut runner = TestRunner::default();
    let mut accepted = 0;
    for round in 0..600 {
        if round % 10 == 0 {
            let bytes = proptest::collection::vec(any::<u8>(), 0..60);
            *answer.lock().unwrap() = bytes.new_tree(&mut runner).unwrap().current();
            assert!(verifier.verify(Secret::new("t")).await.is_err());
            continue;
        }
        let mut members = json!({"active": true, "sub": "ada", "aud": "us"});
        for (name, value) in changes().new_tree(&mut runner).unwrap().current() {
            members[name] = value;
        }
        let text = members.to_string();
        *answer.lock().unwrap() = text.clone().into();
        let found = verifier.verify(Secret::new("t")).await;
        // A panic would be this outage.
        assert!(!format!("{found:?}").contains("panicked"), "{text}");
        let Ok(Some(principal)) = found else { continue };
        accepted += 1;
        assert_eq!(members["active"], true, "{text}");
        assert_eq!(members["sub"], principal.subject(), "{text}");
        let is_ours = members["aud"] == "us"
            || members["aud"]
                .as_array()
                .is_some_and(|all| all.contains(&json!("us")));
        assert!(is_ours, "{text}");
        #[allow(clippy::cast_precision_loss)]
        let now = NOW as f64;
        let time = |name: &str| members.get(name).map(|value| value.as_f64().unwrap());
        assert!(time("exp").is_none_or(|at| at > now), "{text}");
        assert!(time("nbf").is_none_or(|at| at <= now), "{text}");
        assert!(members.get("cnf").is_none(), "{text}");
    }
    assert!(accepted > 50, "{accepted}");
}
