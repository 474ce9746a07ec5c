//! A check that would take the argument away from the handler.
use actix_web::web;
use auth_runtime::prelude::*;

#[requires(check(|body| body.into_inner().is_empty()))]
async fn list(body: web::Json<String>) -> String {
    body.into_inner()
}

fn main() {}
