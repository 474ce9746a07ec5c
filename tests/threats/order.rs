//! The order of answers is a total function: every combination of what can be wrong, against a
//! function written down a second time.

use std::io;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use actix_web::{App, HttpResponse, error, post, test, web};
use auth_runtime::audit::AuditSink;
use auth_runtime::audit::DecisionEvent;
use auth_runtime::denial;
use auth_runtime::prelude::*;
use serde::Deserialize;

use crate::support::gate::yields;
use crate::support::principals::{token, verify};
use crate::support::{Answer, bearer, calls, send};

#[derive(Clone, Copy, Debug)]
enum Network {
    Allowed,
    Denied,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presented {
    Twice,
    Nothing,
    OfAnotherScheme,
    Malformed,
    Invalid,
    Expired,
    Unavailable,
    Panics,
    Powerless,
    Sufficient,
}

#[derive(Clone, Copy, Debug)]
enum Policy {
    Allows,
    Denies,
    Fails,
}

#[derive(Clone, Copy, Debug)]
enum Body {
    Good,
    Malformed,
    TooLarge,
}

const NETWORKS: [Network; 2] = [Network::Allowed, Network::Denied];
const PRESENTED: [Presented; 10] = [
    Presented::Twice,
    Presented::Nothing,
    Presented::OfAnotherScheme,
    Presented::Malformed,
    Presented::Invalid,
    Presented::Expired,
    Presented::Unavailable,
    Presented::Panics,
    Presented::Powerless,
    Presented::Sufficient,
];
const POLICIES: [Policy; 3] = [Policy::Allows, Policy::Denies, Policy::Fails];
const BODIES: [Body; 3] = [Body::Good, Body::Malformed, Body::TooLarge];

#[derive(Deserialize)]
struct Article {
    title: String,
}

#[post("/articles/{policy}/{role}")]
#[requires(all(role("admin"), policy(of_path)))]
async fn publish(article: web::Json<Article>) -> Result<HttpResponse, error::Error> {
    calls::count();
    if article.title == "taken" {
        return Err(error::ErrorConflict("taken"));
    }
    Ok(HttpResponse::Created().finish())
}

#[post("/hidden/{policy}/{role}")]
#[requires(all(role("admin"), policy(of_path)), hide)]
async fn publish_hidden(article: web::Json<Article>) -> HttpResponse {
    calls::count();
    drop(article);
    HttpResponse::Created().finish()
}

async fn of_path(path: web::Path<(String, String)>) -> Result<Decision, io::Error> {
    match &*path.0 {
        "allows" => Ok(Decision::allow()),
        "denies" => Ok(Decision::deny("not this one")),
        _ => Err(io::Error::other("the store is gone")),
    }
}

/// What DESIGN calls "the order of answers", by the first thing that is wrong.
fn expected(
    network: Network,
    presented: Presented,
    policy: Policy,
    body: Body,
) -> (u16, &'static str) {
    match (network, presented, policy, body) {
        (Network::Denied, ..) => (403, "network"),
        (_, Presented::Twice, ..) => (400, "ambiguous_credentials"),
        (_, Presented::Nothing | Presented::OfAnotherScheme, ..) => (401, "no_credentials"),
        (_, Presented::Malformed | Presented::Invalid, ..) => (401, "invalid_credentials"),
        (_, Presented::Expired, ..) => (401, "expired_credentials"),
        (_, Presented::Unavailable, ..) => (503, "verifier_unavailable"),
        (_, Presented::Panics, ..) => (500, "verifier_panicked"),
        (_, Presented::Powerless, ..) => (403, "requirement_not_met"),
        (_, Presented::Sufficient, Policy::Denies, _) => (403, "policy_denied"),
        (_, Presented::Sufficient, Policy::Fails, _) => (500, "policy_failed"),
        (_, Presented::Sufficient, Policy::Allows, Body::Malformed) => (400, ""),
        (_, Presented::Sufficient, Policy::Allows, Body::TooLarge) => (413, ""),
        (_, Presented::Sufficient, Policy::Allows, Body::Good) => (201, ""),
    }
}

fn ask(
    path: &str,
    network: Network,
    presented: Presented,
    policy: Policy,
    body: Body,
) -> TestRequest {
    let policy = match policy {
        Policy::Allows => "allows",
        Policy::Denies => "denies",
        Policy::Fails => "fails",
    };
    let peer = match network {
        Network::Allowed => "192.0.2.1:1",
        Network::Denied => "198.51.100.1:1",
    };
    let request = TestRequest::post()
        .uri(&format!("/{path}/{policy}/x"))
        .peer_addr(peer.parse().unwrap())
        .insert_header((CONTENT_TYPE, "application/json"));
    let request = match body {
        Body::Good => request.set_payload(r#"{"title":"new"}"#),
        Body::Malformed => request.set_payload("{"),
        Body::TooLarge => request.set_payload(vec![b' '; 5000]),
    };
    match presented {
        Presented::Twice => request
            .append_header(token("admin"))
            .append_header(token("admin")),
        Presented::Nothing => request,
        Presented::OfAnotherScheme => request.insert_header(("authorization", "Digest x=y")),
        Presented::Malformed => request.insert_header(token("ad min")),
        Presented::Invalid => request.insert_header(token("nobody")),
        Presented::Expired => request.insert_header(token("expired")),
        Presented::Unavailable => request.insert_header(token("down")),
        Presented::Panics => request.insert_header(token("panic")),
        Presented::Powerless => request.insert_header(token("user")),
        Presented::Sufficient => request.insert_header(token("admin")),
    }
}

/// Keeps the reason of the last decision of this thread.
struct LastReason;

thread_local! {
    static LAST: std::cell::Cell<&'static str> = const { std::cell::Cell::new("") };
}

impl AuditSink for LastReason {
    fn record(&self, event: &DecisionEvent<'_>) {
        LAST.set(event.reason.map_or("", denial::Reason::code));
    }
}

fn assert_bearer(presented: Presented, answer: &Answer) {
    let challenges = answer.challenges();
    match presented {
        Presented::Nothing | Presented::OfAnotherScheme => {
            assert_eq!(challenges, ["Bearer realm=\"api\""]);
        }
        Presented::Twice => assert!(challenges[0].contains("error=\"invalid_request\"")),
        _ => assert!(
            challenges[0].contains("error=\"invalid_token\""),
            "{challenges:?}"
        ),
    }
}

macro_rules! assert_order {
    ($scheme:expr) => {{
        let auth = bearer($scheme)
            .allow_networks(["192.0.2.0/24"])
            .audit(LastReason)
            .build()
            .unwrap();
        let app = test::init_service(
            App::new()
                .app_data(auth)
                .app_data(web::JsonConfig::default().limit(4096))
                .service(publish)
                .service(publish_hidden),
        )
        .await;
        let unknown = send(&app, TestRequest::post().uri("/nothing").to_request()).await;
        for network in NETWORKS {
            for presented in PRESENTED {
                for policy in POLICIES {
                    for body in BODIES {
                        let case = format!("{network:?} {presented:?} {policy:?} {body:?}");
                        let (status, reason) = expected(network, presented, policy, body);
                        let request = ask("articles", network, presented, policy, body);
                        let answer = send(&app, request.to_request()).await;
                        assert_eq!(answer.status, status, "{case}: {answer:?}");
                        assert_eq!(LAST.get(), reason, "{case}");
                        assert_eq!(calls::take(), usize::from(status == 201), "{case}");
                        let is_ours = !reason.is_empty();
                        if is_ours {
                            answer.assert_refused(status);
                        }
                        if status == 401 || (status == 400 && is_ours) {
                            assert_bearer(presented, &answer);
                        } else {
                            assert_eq!(answer.challenges(), Vec::<&str>::new(), "{case}");
                        }

                        let request = ask("hidden", network, presented, policy, body);
                        let hidden = send(&app, request.to_request()).await;
                        assert_eq!(LAST.get(), reason, "{case}");
                        calls::take();
                        if is_ours {
                            assert_eq!(hidden.fingerprint(), unknown.fingerprint(), "{case}");
                        } else {
                            assert_eq!(hidden.status, status, "{case}");
                        }
                    }
                }
            }
        }
    }};
}

#[actix_web::test]
async fn every_cell_with_a_synchronous_verifier() {
    assert_order!(Bearer::sync(|token: Secret<'_>| verify(token.expose())));
}

#[actix_web::test]
async fn every_cell_with_an_asynchronous_verifier() {
    assert_order!(Bearer::new(|token: Secret<'static>| async move {
        yields(2).await;
        verify(token.expose())
    }));
}

#[actix_web::test]
async fn the_handlers_own_errors_come_last_and_are_its_own() {
    let scheme = Bearer::sync(|token: Secret<'_>| verify(token.expose()));
    let auth = bearer(scheme).build().unwrap();
    let app = test::init_service(App::new().app_data(auth).service(publish)).await;
    let request = TestRequest::post()
        .uri("/articles/allows/x")
        .insert_header(token("admin"))
        .set_json(serde_json::json!({ "title": "taken" }));
    let answer = send(&app, request.to_request()).await;
    assert_eq!(
        (answer.status.as_u16(), answer.text(), calls::take()),
        (409, "taken", 1)
    );
}
