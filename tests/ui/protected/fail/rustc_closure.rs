//! A closure cannot have an attribute.
use actix_web::web;
use auth_runtime::ProtectedScope;

fn main() {
    let _ = ProtectedScope::new("/api").route("/", (web::get(), || async { "forgotten" }));
}
