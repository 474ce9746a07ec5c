//! A function of a plain `ServiceConfig`.
use actix_web::web;
use auth_runtime::ProtectedScope;

async fn list() -> &'static str {
    "forgotten"
}

fn routes(config: &mut web::ServiceConfig) {
    config.route("/", web::get().to(list));
}

fn main() {
    let _ = ProtectedScope::new("/api").configure(routes);
}
