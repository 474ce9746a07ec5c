//! A function that mounts handlers takes `ProtectedConfig`.
use auth_runtime::prelude::*;

#[requires_role("admin")]
mod handlers {
    use actix_web::web;

    pub async fn proper() -> &'static str {
        "proper"
    }

    pub fn routes(config: &mut web::ServiceConfig) {
        config.route("/open", web::get().to(|| async { "open" }));
    }
}

fn main() {}
