//! An attribute below the route, where it cannot be seen from here.
use actix_web::{get, web};
use auth_runtime::{SecureConfig, prelude::*};

#[get("/")]
#[requires_auth]
async fn list() -> &'static str {
    "ok"
}

fn routes(config: &mut web::ServiceConfig) {
    SecureConfig::new(config).service(list);
}

fn main() {}
