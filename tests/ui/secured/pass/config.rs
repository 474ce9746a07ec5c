use actix_web::{App, get, web};
use auth_runtime::{SecureConfig, SecureScope, prelude::*};

#[requires_auth]
#[get("/above")]
async fn above() -> &'static str {
    "ok"
}

fn routes(config: &mut web::ServiceConfig) {
    SecureConfig::new(config).service(SecureScope::new("/api").service(above));
}

fn main() {
    let _ = App::new().configure(routes);
}
