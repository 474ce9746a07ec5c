//! Conditions on the handler's arguments.

mod evaluation;
mod named;
mod numbers;
mod overrides;
mod parameters;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, Service, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::test::{self, TestRequest};
use actix_web::{App, FromRequest, post, web};
use auth_runtime::audit::AuditSink;
use auth_runtime::audit::DecisionEvent;
use auth_runtime::model::Requirement;
use auth_runtime::prelude::*;
use bytes::Bytes;
use futures_util::Stream;
use serde::Deserialize;

/// Not `Clone`: a handler that has it got the one that was extracted.
#[derive(Deserialize)]
struct Transfer {
    from: String,
}

struct Account {
    owner: String,
}

static CALLED: [AtomicUsize; 12] = [const { AtomicUsize::new(0) }; 12];

fn called(handler: usize) -> usize {
    CALLED[handler].fetch_add(1, Ordering::SeqCst) + 1
}

#[post("/own")]
#[requires(check(|user: &Principal, body: &web::Json<Transfer>| body.from == user.subject()))]
async fn own(body: web::Json<Transfer>) -> String {
    called(0);
    body.into_inner().from
}

#[post("/any")]
#[requires(any(check(|user, body| body.from == user.subject()), role("admin")))]
async fn any(body: web::Json<Transfer>) -> String {
    called(1);
    body.into_inner().from
}

/// Reads nothing of the body, though a check could.
#[post("/any-head")]
#[requires(any(check(|user, body| body.from == user.subject()), role("admin")))]
async fn any_head(body: Lazy) -> String {
    called(2);
    body.from.to_owned()
}

#[post("/all")]
#[requires(all(check(|user, body| body.from == user.subject()), role("clerk")))]
async fn all(body: web::Json<Transfer>) -> String {
    called(3);
    body.into_inner().from
}

#[post("/not-panic")]
#[requires(not(check(|body: &web::Json<Transfer>| body.from.parse::<u8>().unwrap() > 0)))]
async fn not_panic(body: web::Json<Transfer>) -> String {
    called(4);
    body.into_inner().from
}

#[post("/async/{id}")]
#[requires(check(async |principal: &Principal, id: &web::Path<u64>, body: &web::Json<Transfer>| {
    actix_web::rt::task::yield_now().await;
    if **id == 7 { Err("the seventh is locked") } else { Ok(body.from == principal.subject()) }
}))]
async fn waits(web::Json(body): web::Json<Transfer>, id: web::Path<u64>) -> String {
    called(5);
    format!("{} {id}", body.from)
}

#[post("/account")]
#[requires(check(|user: &Account, body: &web::Json<Transfer>| user.owner == body.from))]
async fn account(body: web::Json<Transfer>) -> String {
    called(6);
    body.into_inner().from
}

async fn allowed() -> Decision {
    Decision::allow()
}

async fn denied() -> Decision {
    Decision::deny("no")
}

#[post("/policy-first")]
#[requires(any(check(|body: &Lazy| body.from.is_empty()), policy(allowed)))]
async fn policy_first(body: Lazy) -> String {
    called(7);
    body.from.to_owned()
}

#[post("/policy-denies")]
#[requires(all(check(|body: &web::Json<Transfer>| !body.from.is_empty()), policy(denied)))]
async fn policy_denies(body: web::Json<Transfer>) -> String {
    called(8);
    body.into_inner().from
}

#[post("/hidden")]
#[requires(check(|user, body| body.from == user.subject()), hide)]
async fn hidden(body: web::Json<Transfer>) -> String {
    called(9);
    body.into_inner().from
}

#[post("/not")]
#[requires(all(
    not(check(|body: &web::Json<Transfer>| body.from == "blocked")),
    check(|body: &web::Json<Transfer>| Decision::allow_if(body.from.len() < 10)),
))]
async fn not(body: web::Json<Transfer>) -> String {
    called(10);
    body.into_inner().from
}

async fn generic<T: FromRequest + 'static>(_: T) {}

#[requires(check(|user, body| body.from == user.subject()))]
async fn with_others<T: FromRequest + 'static>(other: T, body: web::Json<Transfer>) -> String {
    called(11);
    generic(other).await;
    body.into_inner().from
}

#[post("/scope")]
#[requires(all(check(|body: &web::Json<Transfer>| !body.from.is_empty()), scope("transfers")))]
async fn scope(body: web::Json<Transfer>) -> String {
    body.into_inner().from
}

static NEVER: AtomicUsize = AtomicUsize::new(0);

#[post("/never")]
#[requires(check(async |user: &Principal| user.has_role("x") || std::future::pending::<bool>().await))]
async fn never() -> &'static str {
    NEVER.fetch_add(1, Ordering::SeqCst);
    "called"
}

/// An extractor that never reads the body.
struct Lazy {
    from: &'static str,
}

impl FromRequest for Lazy {
    type Error = actix_web::Error;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(_: &actix_web::HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self { from: "head" }))
    }
}

/// A body that counts how often somebody asks for it.
struct Counted(Arc<AtomicUsize>, Option<Bytes>);

impl Stream for Counted {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Poll::Ready(self.1.take().map(Ok))
    }
}

struct Answered {
    status: StatusCode,
    body: String,
    polls: usize,
    reason: Option<&'static str>,
    has_challenge: bool,
}

#[derive(Clone, Default)]
struct Reasons(Arc<std::sync::Mutex<Vec<&'static str>>>);

impl AuditSink for Reasons {
    fn record(&self, event: &DecisionEvent<'_>) {
        let reason = event
            .reason
            .map_or("granted", auth_runtime::denial::Reason::code);
        self.0.lock().unwrap().push(reason);
    }
}

async fn send(token: &str, path: &str, body: &'static str) -> Answered {
    let reasons = Reasons::default();
    let auth = Auth::builder()
        .realm("test")
        .scheme(Bearer::new(|token: Secret<'static>| async move {
            actix_web::rt::task::yield_now().await;
            match token.expose() {
                "ada" => Some(Principal::new("ada")),
                "admin" => Some(Principal::new("root").role("admin")),
                "clerk" => Some(Principal::new("clerk").role("clerk")),
                "owner" => Some(Principal::new("o").with(Account {
                    owner: "ada".into(),
                })),
                _ => None,
            }
        }))
        .audit(reasons.clone())
        .build()
        .unwrap();
    let app = test::init_service(
        App::new()
            .app_data(auth)
            .service(own)
            .service(any)
            .service(any_head)
            .service(all)
            .service(not_panic)
            .service(waits)
            .service(account)
            .service(policy_first)
            .service(policy_denies)
            .service(hidden)
            .service(not)
            .service(scope)
            .route("/others", web::post().to(with_others::<web::Data<()>>))
            .app_data(web::Data::new(())),
    )
    .await;
    let mut request = TestRequest::post()
        .uri(path)
        .insert_header(("content-type", "application/json"));
    if !token.is_empty() {
        request = request.insert_header(("authorization", format!("Bearer {token}")));
    }
    let polls = Arc::new(AtomicUsize::new(0));
    let counted = Counted(
        Arc::clone(&polls),
        Some(Bytes::from_static(body.as_bytes())),
    );
    let (request, _) = request.to_request().replace_payload(Payload::Stream {
        payload: Box::pin(counted) as Pin<Box<dyn Stream<Item = _>>>,
    });
    let response: ServiceResponse<_> = match app.call(request).await {
        Ok(response) => response.map_into_boxed_body(),
        Err(error) => panic!("{error}"),
    };
    let status = response.status();
    let has_challenge = response.headers().contains_key("www-authenticate");
    let bytes = response.into_body().try_into_bytes().unwrap();
    let recorded = reasons.0.lock().unwrap().clone();
    assert!(recorded.len() <= 1, "one event a decision: {recorded:?}");
    Answered {
        status,
        body: String::from_utf8(bytes.to_vec()).unwrap(),
        polls: polls.load(Ordering::SeqCst),
        reason: recorded.last().copied(),
        has_challenge,
    }
}

const ADA: &str = r#"{"from":"ada"}"#;

#[actix_web::test]
async fn a_check_that_holds_lets_the_handler_have_its_arguments() {
    let answer = send("ada", "/own", ADA).await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (StatusCode::OK, "ada")
    );
    assert_eq!(answer.reason, Some("granted"));
    assert_eq!(CALLED[0].load(Ordering::SeqCst), 1);
}

#[actix_web::test]
async fn a_check_that_does_not_hold_gets_403_without_a_challenge() {
    let answer = send("ada", "/all", ADA).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let answer = send("clerk", "/all", ADA).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.reason, Some("check_denied"));
    assert!(!answer.has_challenge);
    assert!(!answer.body.contains("check"), "{}", answer.body);
    assert_eq!(CALLED[3].load(Ordering::SeqCst), 0);
}

#[actix_web::test]
async fn nobody_known_gets_401_before_the_body() {
    for path in [
        "/own",
        "/any",
        "/all",
        "/not-panic",
        "/async/1",
        "/account",
        "/others",
    ] {
        for token in ["", "wrong"] {
            let answer = send(token, path, "not json").await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
            assert!(answer.has_challenge);
            assert_eq!(answer.polls, 0, "{path}");
        }
    }
}

#[actix_web::test]
async fn what_the_rest_decides_is_decided_before_the_body() {
    // Let in by the role: the check is not asked, and the body is read by nobody but the handler.
    let answer = send("admin", "/any-head", "").await;
    assert_eq!((answer.status, answer.polls), (StatusCode::OK, 0));
    // Refused without the role, whatever the body says.
    let answer = send("ada", "/all", ADA).await;
    assert_eq!((answer.status, answer.polls), (StatusCode::FORBIDDEN, 0));
    assert_eq!(answer.reason, Some("requirement_not_met"));
    // A policy that lets in is asked before a check to its left.
    let answer = send("ada", "/policy-first", "").await;
    assert_eq!((answer.status, answer.polls), (StatusCode::OK, 0));
    let answer = send("ada", "/policy-denies", ADA).await;
    assert_eq!((answer.status, answer.polls), (StatusCode::FORBIDDEN, 0));
    assert_eq!(answer.reason, Some("policy_denied"));
    assert_eq!(CALLED[8].load(Ordering::SeqCst), 0);
}

#[actix_web::test]
async fn a_check_decides_where_nothing_else_does() {
    assert_eq!(send("ada", "/any", ADA).await.status, StatusCode::OK);
    assert_eq!(send("admin", "/any", ADA).await.status, StatusCode::OK);
    let answer = send("clerk", "/any", ADA).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(send("ada", "/not", ADA).await.status, StatusCode::OK);
    for body in [r#"{"from":"blocked"}"#, r#"{"from":"much too long"}"#] {
        assert_eq!(
            send("ada", "/not", body).await.status,
            StatusCode::FORBIDDEN
        );
    }
}

#[actix_web::test]
async fn the_handlers_own_extractors_come_before_its_checks() {
    let answer = send("ada", "/own", "not json").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.reason, None);
}

#[actix_web::test]
async fn a_check_that_panics_is_500_and_never_granted_under_not() {
    for body in [ADA, r#"{"from":"x"}"#] {
        let answer = send("ada", "/not-panic", body).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(answer.reason, Some("check_failed"));
    }
    assert_eq!(CALLED[4].load(Ordering::SeqCst), 0);
    assert_eq!(
        send("ada", "/not-panic", r#"{"from":"0"}"#).await.status,
        StatusCode::OK
    );
}

#[actix_web::test]
async fn a_check_may_wait_and_its_error_is_a_refusal() {
    let answer = send("ada", "/async/1", ADA).await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (StatusCode::OK, "ada 1")
    );
    assert_eq!(
        send("clerk", "/async/1", ADA).await.status,
        StatusCode::FORBIDDEN
    );
    let answer = send("ada", "/async/7", ADA).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!answer.body.contains("seventh"));
    assert_eq!(CALLED[5].load(Ordering::SeqCst), 1);
}

#[actix_web::test]
async fn a_check_reads_the_apps_own_value_of_the_caller() {
    assert_eq!(send("owner", "/account", ADA).await.status, StatusCode::OK);
    let other = r#"{"from":"bob"}"#;
    assert_eq!(
        send("owner", "/account", other).await.status,
        StatusCode::FORBIDDEN
    );
    // The verifier attached none.
    assert_eq!(
        send("ada", "/account", ADA).await.status,
        StatusCode::INTERNAL_SERVER_ERROR
    );
    assert_eq!(CALLED[6].load(Ordering::SeqCst), 1);
}

#[actix_web::test]
async fn a_hidden_handler_is_not_told_by_its_extractors_or_checks() {
    assert_eq!(send("ada", "/hidden", ADA).await.status, StatusCode::OK);
    let unknown = send("clerk", "/unknown", ADA).await;
    for (token, body) in [("clerk", ADA), ("clerk", "not json"), ("", ADA)] {
        let answer = send(token, "/hidden", body).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.body, unknown.body);
    }
}

#[actix_web::test]
async fn arguments_of_any_type_stand_beside_those_that_are_checked() {
    assert_eq!(send("ada", "/others", ADA).await.body, "ada");
    assert_eq!(
        send("clerk", "/others", ADA).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(CALLED[11].load(Ordering::SeqCst), 1);
}

#[actix_web::test]
async fn a_missing_scope_is_told_before_the_body() {
    let answer = send("ada", "/scope", ADA).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.polls, 0);
    assert_eq!(answer.reason, Some("missing_scopes"));
    assert!(answer.has_challenge);
}

#[actix_web::test]
async fn a_request_that_is_given_up_while_a_check_waits_calls_no_handler() {
    let auth = Auth::builder()
        .realm("test")
        .scheme(Bearer::new(|_: Secret<'static>| async move {
            Some(Principal::new("ada"))
        }))
        .build()
        .unwrap();
    let app = test::init_service(App::new().app_data(auth).service(never)).await;
    let request = TestRequest::post()
        .uri("/never")
        .insert_header(("authorization", "Bearer t"))
        .to_request();
    let mut call = Box::pin(app.call(request));
    for _ in 0..20 {
        let polled = std::future::poll_fn(|cx| Poll::Ready(call.as_mut().poll(cx))).await;
        assert!(polled.is_pending());
    }
    drop(call);
    assert_eq!(NEVER.load(Ordering::SeqCst), 0);
}

#[actix_web::test]
async fn a_check_that_never_answers_is_given_up() {
    let auth = Auth::builder()
        .realm("test")
        .scheme(Bearer::sync(|_: Secret<'_>| Some(Principal::new("ada"))))
        .time_limit(std::time::Duration::from_millis(20))
        .build()
        .unwrap();
    let app = test::init_service(App::new().app_data(auth).service(never)).await;
    let request = TestRequest::post()
        .uri("/never")
        .insert_header(("authorization", "Bearer t"))
        .to_request();
    let answer = test::call_service(&app, request).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers().contains_key("retry-after"));
    assert_eq!(NEVER.load(Ordering::SeqCst), 0);
}

#[test]
fn a_check_is_shown_by_its_parameters() {
    assert_eq!(
        Requirement::check("user, body", 0).to_string(),
        "check(|user, body| ..)"
    );
}
