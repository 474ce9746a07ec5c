//! An app whose routes ask for one thing each.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_http::Request;
use actix_web::dev::{Payload, Service, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, Error, FromRequest, HttpRequest, HttpResponse, get, post, put, route, web};
use auth_runtime::prelude::*;

use super::Answer;

/// Counts how often anything of a handler ran.
#[derive(Clone, Default)]
pub struct Calls(Arc<AtomicUsize>);

impl Calls {
    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// Counts one call.
    pub fn note(request: &HttpRequest) {
        let calls = request
            .app_data::<Self>()
            .expect("the app counts its calls");
        calls.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// An extractor of a handler that leaves a trace of having run.
pub struct Called;

impl FromRequest for Called {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        Calls::note(request);
        ready(Ok(Self))
    }
}

#[get("/p")]
#[requires_auth]
async fn authenticated(_: Called, caller: Authenticated) -> String {
    caller.subject().to_owned()
}

#[put("/p")]
#[requires_auth]
async fn replace(_: Called) -> &'static str {
    "replaced"
}

#[post("/p")]
#[requires_auth]
async fn create(_: Called, _: web::Json<serde_json::Value>) -> &'static str {
    "created"
}

#[get("/s")]
#[requires_scope("files:write")]
async fn scoped(_: Called) -> &'static str {
    "scoped"
}

#[get("/ab")]
#[requires_scope(all("a", "b"))]
async fn two_scopes(_: Called) -> &'static str {
    "two scopes"
}

#[get("/r")]
#[requires_role("admin")]
async fn role(_: Called) -> &'static str {
    "role"
}

#[get("/permission")]
#[requires_permission("articles:edit")]
async fn permission(_: Called) -> &'static str {
    "permission"
}

#[get("/policy")]
#[requires(policy(never))]
async fn policy(_: Called) -> &'static str {
    "policy"
}

async fn never() -> Decision {
    Decision::deny("the row 4711 of table articles belongs to eve")
}

#[get("/k")]
#[requires(scheme(ApiKey))]
async fn key(_: Called) -> &'static str {
    "key"
}

#[get("/kr")]
#[requires(all(scheme(ApiKey), role("admin")))]
async fn key_and_role(_: Called) -> &'static str {
    "key and role"
}

#[get("/b")]
#[requires(scheme(Basic))]
async fn basic(_: Called, caller: Authenticated) -> String {
    caller.subject().to_owned()
}

#[get("/bb")]
#[requires(any(scheme(Bearer), scheme(Basic)))]
async fn bearer_or_basic(_: Called) -> &'static str {
    "bearer or basic"
}

#[get("/c")]
#[requires(scheme(Cookie))]
async fn cookie(_: Called) -> &'static str {
    "cookie"
}

#[get("/cr")]
#[requires(all(scheme(Cookie), role("admin")))]
async fn cookie_and_role(_: Called) -> &'static str {
    "cookie and role"
}

#[get("/o")]
#[public(reason = "known callers see more")]
async fn optional(_: Called, caller: MaybeAuthenticated) -> String {
    caller
        .principal()
        .map_or("anonymous", |principal| principal.subject())
        .to_owned()
}

#[get("/plain")]
async fn plain(caller: Authenticated) -> String {
    caller.subject().to_owned()
}

#[get("/hidden")]
#[requires_role("admin", hide)]
async fn hidden(_: Called) -> HttpResponse {
    HttpResponse::Ok().body("hidden")
}

#[route("/head", method = "GET", method = "HEAD")]
#[requires_role("admin")]
async fn get_or_head(_: Called) -> &'static str {
    "get or head"
}

#[get("/files/{name}")]
#[requires_role("admin")]
async fn file(_: Called, name: web::Path<String>) -> String {
    name.into_inner()
}

/// The routes above.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(authenticated)
        .service(replace)
        .service(create)
        .service(scoped)
        .service(two_scopes)
        .service(role)
        .service(permission)
        .service(policy)
        .service(key)
        .service(key_and_role)
        .service(basic)
        .service(bearer_or_basic)
        .service(cookie)
        .service(cookie_and_role)
        .service(optional)
        .service(plain)
        .service(hidden)
        .service(get_or_head)
        .service(file);
}

/// Sends one request to an app of these routes and this configuration.
pub async fn ask(auth: &Auth, request: TestRequest) -> Answer {
    let calls = Calls::default();
    let app = App::new()
        .app_data(auth.clone())
        .app_data(calls.clone())
        .configure(routes);
    let mut answer = send(&init_service(app).await, request).await;
    answer.calls = calls.count();
    answer
}

/// Sends one request to a service.
pub async fn send<S, B>(service: &S, request: TestRequest) -> Answer
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: actix_web::body::MessageBody,
{
    Answer::of(call_service(service, request.to_request()).await).await
}

pub fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

/// A `GET` with `Authorization: Bearer <token>`.
pub fn with_bearer(path: &str, token: &str) -> TestRequest {
    with_authorization(path, format!("Bearer {token}").as_bytes())
}

/// A `GET` with these bytes as `Authorization`.
pub fn with_authorization(path: &str, value: &[u8]) -> TestRequest {
    let value = actix_web::http::header::HeaderValue::from_bytes(value).expect("a field value");
    get(path).insert_header((AUTHORIZATION, value))
}

/// A `GET` with user and password.
pub fn with_basic(path: &str, user_and_password: impl AsRef<[u8]>) -> TestRequest {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(user_and_password);
    with_authorization(path, format!("Basic {encoded}").as_bytes())
}
