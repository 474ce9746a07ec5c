//! An attribute below the route, where it cannot be seen from here.
use actix_web::{get, web};
use auth_runtime::{ProtectedConfig, prelude::*};

#[get("/")]
#[requires_auth]
async fn list() -> &'static str {
    "ok"
}

fn routes(config: &mut web::ServiceConfig) {
    ProtectedConfig::new(config).service(list);
}

fn main() {}
