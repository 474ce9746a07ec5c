//! A handler that was forgotten.
use actix_web::web;
use auth_runtime::SecureScope;

async fn list() -> &'static str {
    "forgotten"
}

fn main() {
    let _ = SecureScope::new("/api").route("/", (web::get(), list));
}
