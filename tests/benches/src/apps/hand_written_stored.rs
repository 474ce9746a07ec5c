//! A check by hand that does what else this crate does on the granted path: it refuses two
//! `Authorization` lines, takes the scheme's name in any case, leaves the user in the request for
//! others to ask for (an extractor, a log, a middleware behind), and logs the decision.

use std::future::{Ready, ready};
use std::hint::black_box;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{
    App, FromRequest, HttpMessage as _, HttpRequest, HttpResponse, get, post, test, web,
};

use super::hand_written::Refusal;
use super::{ANSWER, Answers, body_limit, started};
use crate::users::{ROLE, Tokens, User, tokens};

/// Stands before the handler's other arguments.
struct Admin;

/// The user, as left in the request.
struct Caller(Arc<User>);

impl FromRequest for Admin {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(decide(request))
    }
}

impl FromRequest for Caller {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let user = request.extensions().get::<Arc<User>>().cloned();
        ready(user.map(Self).ok_or(Refusal::NobodyKnown))
    }
}

fn decide(request: &HttpRequest) -> Result<Admin, Refusal> {
    let user = authenticate(request).inspect_err(|refusal| {
        tracing::info!(path = request.path(), outcome = "denied", reason = %refusal);
    })?;
    if !user.has_role(ROLE) {
        tracing::info!(
            path = request.path(),
            outcome = "denied",
            subject = user.subject
        );
        return Err(Refusal::MayNot);
    }
    tracing::debug!(
        path = request.path(),
        outcome = "granted",
        subject = user.subject
    );
    request.extensions_mut().insert(user);
    Ok(Admin)
}

fn authenticate(request: &HttpRequest) -> Result<Arc<User>, Refusal> {
    let mut lines = request.headers().get_all(AUTHORIZATION);
    let line = lines.next().ok_or(Refusal::NobodyKnown)?;
    if lines.next().is_some() {
        return Err(Refusal::InvalidToken);
    }
    let (scheme, token) = line
        .to_str()
        .ok()
        .and_then(|line| line.split_once(' '))
        .ok_or(Refusal::NobodyKnown)?;
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(Refusal::NobodyKnown);
    }
    request
        .app_data::<web::Data<Tokens<Arc<User>>>>()
        .and_then(|tokens| tokens.get(token))
        .cloned()
        .ok_or(Refusal::InvalidToken)
}

#[get("/reports")]
async fn read(_: Admin, Caller(user): Caller) -> HttpResponse {
    black_box(user.subject.as_str());
    HttpResponse::Ok().body(ANSWER)
}

#[post("/reports")]
async fn write(_: Admin, Caller(user): Caller, _body: web::Bytes) -> HttpResponse {
    black_box(user.subject.as_str());
    HttpResponse::Ok().body(ANSWER)
}

pub(super) async fn service() -> Box<dyn Answers> {
    let tokens = web::Data::new(tokens(|record| Arc::new(User::new(record))));
    started(
        test::init_service(
            App::new()
                .app_data(body_limit())
                .app_data(tokens)
                .service(read)
                .service(write),
        )
        .await,
    )
}
