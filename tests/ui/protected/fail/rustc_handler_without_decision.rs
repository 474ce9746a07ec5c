//! A handler that was forgotten.
use actix_web::web;
use auth_runtime::ProtectedScope;

async fn list() -> &'static str {
    "forgotten"
}

fn main() {
    let _ = ProtectedScope::new("/api").route("/", (web::get(), list));
}
