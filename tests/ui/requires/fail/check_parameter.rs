use actix_web::web;
use auth_runtime::prelude::*;

#[requires(check(|web::Json(body): &web::Json<String>| body.is_empty()))]
async fn list(body: web::Json<String>) -> String {
    body.into_inner()
}

fn main() {}
