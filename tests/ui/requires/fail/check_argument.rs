use actix_web::web;
use auth_runtime::prelude::*;

#[requires(check(|user: &Principal, boddy: &web::Json<String>| **boddy == user.subject()))]
async fn list(body: web::Json<String>) -> String {
    body.into_inner()
}

fn main() {}
