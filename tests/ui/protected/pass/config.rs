use actix_web::{App, get, web};
use auth_runtime::{ProtectedConfig, ProtectedScope, prelude::*};

#[requires_auth]
#[get("/above")]
async fn above() -> &'static str {
    "ok"
}

fn routes(config: &mut web::ServiceConfig) {
    ProtectedConfig::new(config).service(ProtectedScope::new("/api").service(above));
}

fn main() {
    let _ = App::new().configure(routes);
}
