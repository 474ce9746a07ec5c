//! A mistake in the body of a check.
use actix_web::web;
use auth_runtime::prelude::*;

#[requires(check(|body| body.form == "ada"))]
async fn list(body: web::Json<Transfer>) -> String {
    body.into_inner().from
}

#[derive(serde::Deserialize)]
struct Transfer {
    from: String,
}

fn main() {}
