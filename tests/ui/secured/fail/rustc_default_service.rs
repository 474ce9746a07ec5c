//! A service for all that no route matches.
use actix_web::web;
use auth_runtime::SecureScope;

async fn list() -> &'static str {
    "forgotten"
}

fn main() {
    let _ = SecureScope::new("/api").default_service(web::to(list));
}
