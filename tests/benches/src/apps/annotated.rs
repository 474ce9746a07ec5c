//! This crate.

use std::hint::black_box;

use actix_web::{App, HttpResponse, get, post, test, web};
use auth_runtime::prelude::*;

use super::{ANSWER, Answers, body_limit, started};
use crate::users::{Record, tokens};

#[get("/reports")]
#[requires_role("admin")]
async fn read(caller: Authenticated) -> HttpResponse {
    black_box(caller.subject());
    HttpResponse::Ok().body(ANSWER)
}

#[post("/reports")]
#[requires_role("admin")]
async fn write(caller: Authenticated, _body: web::Bytes) -> HttpResponse {
    black_box(caller.subject());
    HttpResponse::Ok().body(ANSWER)
}

fn principal(record: &Record) -> Principal {
    Principal::new(record.subject)
        .roles(record.roles.iter().copied())
        .scopes(record.scopes.iter().copied())
}

pub(super) async fn service() -> Box<dyn Answers> {
    let tokens = tokens(principal);
    serve(Bearer::sync(move |token: Secret<'_>| {
        tokens.get(token.expose()).cloned()
    }))
    .await
}

pub(super) async fn async_service() -> Box<dyn Answers> {
    let tokens = tokens(principal);
    serve(Bearer::new(move |token: Secret<'static>| {
        std::future::ready(tokens.get(token.expose()).cloned())
    }))
    .await
}

#[expect(clippy::expect_used, reason = "the configuration is fixed")]
async fn serve(bearer: Bearer) -> Box<dyn Answers> {
    let auth = Auth::builder()
        .realm("reports")
        .scheme(bearer)
        .build()
        .expect("a scheme and a realm");
    started(
        test::init_service(
            App::new()
                .app_data(body_limit())
                .app_data(auth)
                .service(read)
                .service(write),
        )
        .await,
    )
}
