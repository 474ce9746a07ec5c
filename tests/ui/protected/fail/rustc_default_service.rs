//! A service for all that no route matches.
use actix_web::web;
use auth_runtime::ProtectedScope;

async fn list() -> &'static str {
    "forgotten"
}

fn main() {
    let _ = ProtectedScope::new("/api").default_service(web::to(list));
}
