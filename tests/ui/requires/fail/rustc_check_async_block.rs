//! A closure that answers a future: an async check is an async closure.
use actix_web::web;
use auth_runtime::prelude::*;

#[requires(check(|body| async move { body.is_empty() }))]
async fn list(body: web::Json<String>) -> String {
    body.into_inner()
}

fn main() {}
