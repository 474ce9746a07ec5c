//! A function of a plain `ServiceConfig`.
use actix_web::web;
use auth_runtime::SecureScope;

async fn list() -> &'static str {
    "forgotten"
}

fn routes(config: &mut web::ServiceConfig) {
    config.route("/", web::get().to(list));
}

fn main() {
    let _ = SecureScope::new("/api").configure(routes);
}
