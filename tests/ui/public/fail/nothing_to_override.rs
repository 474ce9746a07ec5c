use actix_web::{HttpResponse, get};
use auth_runtime::prelude::*;

#[get("/health")]
#[public(reason = "load balancer probe", overrides)]
async fn health() -> HttpResponse {
    HttpResponse::Ok().finish()
}

fn main() {}
