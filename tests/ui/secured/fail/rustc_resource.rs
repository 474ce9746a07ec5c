//! A resource, whose handlers cannot be seen.
use actix_web::web;
use auth_runtime::{SecureScope, prelude::*};

#[requires_auth]
async fn list() -> &'static str {
    "decided"
}

fn main() {
    let _ = SecureScope::new("/api").service(web::resource("/").to(list));
}
