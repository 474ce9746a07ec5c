//! A parameter of a check with another type than the argument.
use actix_web::web;
use auth_runtime::prelude::*;

#[requires(check(|body: &web::Json<u64>| **body == 1))]
async fn list(body: web::Json<String>) -> String {
    body.into_inner()
}

fn main() {}
