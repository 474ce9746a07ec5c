//! Refusals from inside a handler end as its guard's do.

use std::cell::Cell;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, VARY};
use actix_web::middleware::{Next, from_fn};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, Error, FromRequest, HttpRequest, HttpResponse, web};
use auth_runtime::prelude::*;
use auth_runtime::{Denial, keep_private};

use crate::support::log;

fn bearer(request: TestRequest, token: &str) -> TestRequest {
    request.insert_header(("authorization", format!("Bearer {token}")))
}

fn auth(is_explained: bool) -> Auth {
    let verify = |given: Secret<'_>| given.ct_eq("user").then(|| Principal::new("user"));
    Auth::builder()
        .realm("inside")
        .scheme(Bearer::sync(verify))
        .scheme(ApiKey::sync("X-Api-Key", verify))
        .explain_denials(is_explained)
        .build()
        .expect("the configuration is complete")
}

async fn tools(request: HttpRequest, caller: Authenticated) -> Result<HttpResponse, Denial> {
    caller.require_scopes(&request, &["tools:write"])?;
    Ok(HttpResponse::Ok().finish())
}

#[requires_auth(hide)]
async fn hidden(request: HttpRequest, caller: Authenticated) -> Result<HttpResponse, Denial> {
    tools(request, caller).await
}

#[requires_auth]
async fn open(request: HttpRequest, caller: Authenticated) -> Result<HttpResponse, Denial> {
    tools(request, caller).await
}

struct Other;

#[requires_auth(hide)]
async fn misread(_: Authenticated<Other>) -> &'static str {
    "hidden"
}

#[requires_auth(hide)]
async fn signed(request: HttpRequest) -> Result<HttpResponse, Denial> {
    let auth = request.app_data::<Auth>().expect("there is one");
    Err(auth.unauthenticated(&request))
}

async fn give_caller(
    _: MaybeAuthenticated,
    request: actix_web::dev::ServiceRequest,
    next: Next<actix_web::body::BoxBody>,
) -> Result<actix_web::dev::ServiceResponse, Error> {
    next.call(request).await
}

fn services(config: &mut web::ServiceConfig) {
    config
        .route("/hidden", web::get().to(hidden))
        .route("/open", web::get().to(open))
        .route("/misread", web::get().to(misread))
        .route("/signed", web::get().to(signed));
}

#[actix_web::test]
async fn a_hidden_handler_that_asks_for_scopes_is_hidden_and_the_log_says_why() {
    log::start();
    let app = App::new().app_data(auth(true)).configure(services);
    let app = init_service(app).await;
    for (path, reason) in [
        ("/hidden", "missing_scopes"),
        ("/misread", "misconfigured"),
        ("/signed", "no_credentials"),
    ] {
        log::take();
        let request = bearer(TestRequest::get().uri(path), "user").to_request();
        let response = call_service(&app, request).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(response.headers().get("www-authenticate").is_none());
        assert_eq!(read_body(response).await, "", "{path}");
        let log = log::take();
        let event = log
            .lines()
            .find(|line| line.contains(&format!("reason=\"{reason}\"")));
        let event = event.unwrap_or_else(|| panic!("{path}: {log}"));
        assert!(event.contains("handler=\"threats::inside::"), "{event}");
    }
}

#[actix_web::test]
async fn a_handler_that_asks_for_scopes_explains_as_its_guard_does() {
    for (is_explained, detail) in [
        (true, "needs the scopes `tools:write`"),
        (false, "The token lacks a required scope."),
    ] {
        let app = App::new().app_data(auth(is_explained)).configure(services);
        let app = init_service(app).await;
        let request = bearer(TestRequest::get().uri("/open"), "user").to_request();
        let response = call_service(&app, request).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        let body = read_body(response).await;
        let body: serde_json::Value = serde_json::from_slice(&body).expect("a problem document");
        assert_eq!(body["detail"], detail);
    }
}

/// Of a hidden answer a cache learns what it learns of an unknown path.
#[actix_web::test]
async fn caches_learn_the_same_of_a_hidden_and_an_unknown_path() {
    for asks_before in [false, true] {
        let app = App::new().app_data(auth(false)).configure(services);
        let app = app
            .wrap(actix_web::middleware::Condition::new(
                asks_before,
                from_fn(give_caller),
            ))
            .wrap(from_fn(keep_private));
        let app = init_service(app).await;
        let mut seen = Vec::new();
        for path in ["/hidden", "/nosuch"] {
            let request = TestRequest::get().uri(path);
            let request = request.insert_header(("x-api-key", "user")).to_request();
            let response = call_service(&app, request).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
            let headers = response.headers();
            seen.push([VARY, CACHE_CONTROL].map(|name| headers.get(name).cloned()));
        }
        assert_eq!(seen[0], seen[1]);
        assert_eq!(seen[1][0].is_some(), asks_before);
    }
    // What is not hidden depends on the key, and says so.
    let app = App::new().app_data(auth(false)).configure(services);
    let app = init_service(app.wrap(from_fn(keep_private))).await;
    let request = TestRequest::get().uri("/open");
    let request = request.insert_header(("x-api-key", "user")).to_request();
    let response = call_service(&app, request).await;
    assert_eq!(response.headers().get(VARY).unwrap(), "x-api-key");
}

thread_local! {
    static COUNTED: Cell<usize> = const { Cell::new(0) };
}

/// Counts how often it is constructed.
struct Counting;

impl FromRequest for Counting {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        COUNTED.set(COUNTED.get() + 1);
        ready(Ok(Self))
    }
}

type Caller = MaybeAuthenticated;
type Known<T> = Authenticated<T>;

mod renamed {
    pub(super) use auth_runtime::MaybeAuthenticated as Visitor;
}

#[public(reason = "a test")]
async fn by_alias(_: Counting, _: web::Bytes, _: Caller) -> &'static str {
    "public"
}

#[public(reason = "a test")]
async fn by_generic_alias(_: Counting, _: Known<()>) -> &'static str {
    "public"
}

#[public(reason = "a test")]
async fn by_import(_: Counting, _: renamed::Visitor) -> &'static str {
    "public"
}

#[public(reason = "a test")]
async fn in_a_tuple(_: Counting, _: (HttpRequest, MaybeAuthenticated)) -> &'static str {
    "public"
}

#[public(reason = "a test")]
async fn without(_: Counting, _: web::Bytes) -> &'static str {
    "public"
}

#[actix_web::test]
async fn a_public_handler_that_takes_its_caller_by_whatever_name_refuses_before_it_extracts() {
    let app = init_service(
        App::new()
            .app_data(auth(false))
            .route("/alias", web::post().to(by_alias))
            .route("/generic", web::post().to(by_generic_alias))
            .route("/import", web::post().to(by_import))
            .route("/tuple", web::post().to(in_a_tuple))
            .route("/without", web::post().to(without)),
    )
    .await;
    for path in ["/alias", "/generic", "/import", "/tuple"] {
        COUNTED.set(0);
        let request = bearer(TestRequest::post().uri(path), "wrong").set_payload("{}");
        let response = call_service(&app, request.to_request()).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(COUNTED.get(), 0, "{path}");
        let request = bearer(TestRequest::post().uri(path), "user").set_payload("{}");
        let response = call_service(&app, request.to_request()).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(COUNTED.get(), 1, "{path}");
    }
    // What does not look at its caller does not mind.
    let request = bearer(TestRequest::post().uri("/without"), "wrong").to_request();
    assert_eq!(call_service(&app, request).await.status(), StatusCode::OK);
}
