//! A closure cannot have an attribute.
use actix_web::web;
use auth_runtime::SecureScope;

fn main() {
    let _ = SecureScope::new("/api").route("/", (web::get(), || async { "forgotten" }));
}
