//! Work before the decision: a refused request's body is not touched, whatever it is.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use actix_web::test::TestRequest;
use actix_web::{Error, FromRequest, HttpRequest, post, web};
use auth_runtime::prelude::*;
use bytes::Bytes;
use futures_util::FutureExt as _;
use serde::{Deserialize, Deserializer};

use crate::support::body::{Watched, with_payload};
use crate::support::gate::yields;
use crate::support::principals::{password, token, verify};
use crate::support::{app, auth, bearer, calls, send};

/// Its deserialisation is heard, and then panics.
struct Explosive;

impl<'de> Deserialize<'de> for Explosive {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        calls::count();
        panic!("deserialised")
    }
}

/// An extractor with a side effect at once, and another when it is polled.
struct SideEffect;

impl FromRequest for SideEffect {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        calls::count();
        ready(Ok(Self))
    }
}

/// An asynchronous one, that reads the body too.
struct Later;

impl FromRequest for Later {
    type Error = Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        calls::count();
        let body = web::Bytes::from_request(request, payload);
        Box::pin(async move {
            calls::count();
            body.await.map(|_| Self)
        })
    }
}

#[derive(Deserialize)]
struct Article {
    title: String,
}

#[post("/role")]
#[requires_role("admin")]
async fn by_role(_: SideEffect, article: web::Json<Article>) -> String {
    article.into_inner().title
}

#[post("/scope")]
#[requires_scope("files:write")]
async fn by_scope(article: web::Json<Article>, _: SideEffect) -> String {
    article.into_inner().title
}

#[post("/known")]
#[requires_auth]
async fn by_auth(_: Later, _: SideEffect) -> &'static str {
    "known"
}

#[post("/explosive")]
#[requires(all(role("admin"), scope("files:write")))]
async fn explosive(_: web::Json<Explosive>) -> &'static str {
    "unreachable"
}

#[post("/policy")]
#[requires(all(authenticated, policy(nobody)))]
async fn by_policy(_: web::Bytes, _: SideEffect) -> &'static str {
    "unreachable"
}

/// A policy that thinks for a while and says no.
async fn nobody() -> Decision {
    yields(3).await;
    Decision::deny("nobody may")
}

type Headers = Vec<(HeaderName, &'static str)>;

/// A body, by name: its headers, its chunks, and whether it stalls after them.
fn bodies() -> Vec<(&'static str, Headers, Vec<Bytes>, bool)> {
    let json = || vec![(CONTENT_TYPE, "application/json")];
    let declared = |length| vec![(CONTENT_TYPE, "application/json"), (CONTENT_LENGTH, length)];
    let chunk = |text: &'static str| vec![Bytes::from_static(text.as_bytes())];
    vec![
        ("none", Vec::new(), Vec::new(), false),
        ("valid JSON", json(), chunk(r#"{"title":"x"}"#), false),
        ("malformed JSON", json(), chunk(r#"{"title":"#), false),
        (
            "wrong content type",
            vec![(CONTENT_TYPE, "text/plain")],
            chunk("title"),
            false,
        ),
        (
            "no content type",
            Vec::new(),
            chunk(r#"{"title":"x"}"#),
            false,
        ),
        (
            "20 MB",
            json(),
            vec![Bytes::from(vec![b' '; 1 << 20]); 20],
            false,
        ),
        ("20 MB declared", declared("20971520"), chunk("{"), true),
        (
            "stalls after 10 of 1000 bytes",
            declared("1000"),
            chunk("0123456789"),
            true,
        ),
        ("stalls at once", json(), Vec::new(), true),
        ("declares nonsense", declared("-1"), chunk("{}"), false),
    ]
}

/// Whoever is refused, by handler: the credentials, and the status.
fn refusals(path: &str) -> Vec<(Option<(HeaderName, String)>, u16)> {
    let mut refused = vec![
        (None, 401),
        (Some(token("nobody")), 401),
        (Some(token("expired")), 401),
        (Some(token("not a token")), 401),
        (Some(token("down")), 503),
        (Some(token("panic")), 500),
    ];
    match path {
        "/role" => refused.extend([(Some(token("user")), 403), (Some(token("writer")), 403)]),
        "/scope" => refused.push((Some(token("user")), 403)),
        "/explosive" => refused.push((Some(token("writer")), 403)),
        "/policy" => refused.push((Some(token("admin")), 403)),
        _ => {}
    }
    refused
}

const PATHS: [&str; 5] = ["/role", "/scope", "/known", "/explosive", "/policy"];

/// Every refused caller with every body at every handler: the answer comes at once, and nobody
/// looked at the body.
macro_rules! assert_bodies_untouched {
    ($auth:expr) => {{
        let app = app!($auth => by_role, by_scope, by_auth, explosive, by_policy);
        for path in PATHS {
            for (credentials, status) in refusals(path) {
                for (name, headers, chunks, stalls) in bodies() {
                    let mut request = TestRequest::post().uri(path);
                    for (header, value) in headers {
                        request = request.insert_header((header, value));
                    }
                    if let Some(credentials) = credentials.clone() {
                        request = request.insert_header(credentials);
                    }
                    let (payload, polls) = Watched::payload(chunks, stalls);
                    let answer = send(&app, with_payload!(request, payload)).await;
                    assert_eq!(answer.status, status, "{path} with a body: {name}");
                    answer.assert_refused(status);
                    assert_eq!(polls.get(), 0, "{path} with a body: {name}");
                }
            }
        }
    }};
}

#[actix_web::test]
async fn a_refusal_by_a_synchronous_verifier_leaves_the_body_untouched() {
    assert_bodies_untouched!(auth());
}

#[actix_web::test]
async fn a_refusal_by_an_asynchronous_verifier_leaves_the_body_untouched() {
    let scheme = Bearer::new(|token: Secret<'static>| async move {
        yields(5).await;
        verify(token.expose())
    });
    assert_bodies_untouched!(bearer(scheme).build().unwrap());
}

#[actix_web::test]
async fn a_refusal_by_an_asynchronous_verifier_that_answers_at_once_leaves_the_body_untouched() {
    let scheme = Bearer::new(|token: Secret<'static>| async move { verify(token.expose()) });
    assert_bodies_untouched!(bearer(scheme).build().unwrap());
}

#[actix_web::test]
async fn the_body_is_untouched_while_the_verifier_thinks_and_whole_afterwards() {
    let gate = crate::support::gate::Gate::default();
    let inside = gate.clone();
    let scheme = Bearer::new(move |token: Secret<'static>| {
        let passed = inside.pass();
        async move {
            passed.await;
            verify(token.expose())
        }
    });
    let app = app!(bearer(scheme).build().unwrap() => by_role);
    let chunks =
        [r#"{"ti"#, r#"tle":"#, r#""whole"}"#].map(|text| Bytes::from_static(text.as_bytes()));
    let (payload, polls) = Watched::payload(chunks.to_vec(), false);
    let request = TestRequest::post()
        .uri("/role")
        .insert_header(token("admin"))
        .insert_header((CONTENT_TYPE, "application/json"));
    let mut answer = Box::pin(send(&app, with_payload!(request, payload)));
    for _ in 0..10 {
        assert!(answer.as_mut().now_or_never().is_none());
        yields(1).await;
    }
    assert_eq!(
        (polls.get(), calls::take()),
        (0, 0),
        "nothing happens before the decision"
    );
    gate.open();
    let answer = answer.await;
    answer.assert_granted();
    assert_eq!(answer.text(), "whole");
}

#[actix_web::test]
async fn a_caller_who_may_still_gets_the_extractors_own_errors() {
    let app = app!(auth() => by_role);
    for (name, headers, chunks, stalls) in bodies() {
        if stalls && name != "20 MB declared" {
            continue;
        }
        let mut request = TestRequest::post()
            .uri("/role")
            .insert_header(token("admin"));
        for header in headers {
            request = request.insert_header(header);
        }
        let (payload, _) = Watched::payload(chunks, stalls);
        let answer = send(&app, with_payload!(request, payload)).await;
        let expected = match name {
            "valid JSON" => 200,
            "20 MB" | "20 MB declared" => 413,
            _ => 400,
        };
        assert_eq!(answer.status, expected, "{name}: {answer:?}");
        assert_eq!(answer.challenges(), Vec::<&str>::new(), "{name}");
    }
}

#[actix_web::test]
async fn a_password_that_is_wrong_leaves_the_body_untouched() {
    let app = app!(auth() => by_role);
    for credentials in [
        password("ada", "wrong"),
        password("nobody", "correct-horse"),
    ] {
        let (payload, polls) = Watched::payload(vec![Bytes::from_static(b"{")], true);
        let request = TestRequest::post().uri("/role").insert_header(credentials);
        send(&app, with_payload!(request, payload))
            .await
            .assert_refused(401);
        assert_eq!(polls.get(), 0);
    }
}
