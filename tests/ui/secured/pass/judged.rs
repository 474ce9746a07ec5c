use actix_web::{App, get};
use auth_runtime::{SecureConfig, SecureScope, prelude::*};

#[get("/below")]
#[requires_auth]
async fn below() -> &'static str {
    "ok"
}

fn routes(config: &mut SecureConfig<'_>) {
    config.judged_service(below);
}

fn main() {
    let scope = SecureScope::new("/api").judged_service(below).configure(routes);
    let _ = App::new().service(scope);
}
