use actix_web::{HttpResponse, get, web};
use auth_runtime::prelude::*;

#[utoipa::path(responses((status = 200, description = "The server is there")))]
#[get("/health")]
#[public(reason = "load balancer probe")]
async fn health() -> HttpResponse {
    HttpResponse::Ok().body("ok")
}

pub fn configure(config: &mut web::ServiceConfig) {
    config.service(health);
}
