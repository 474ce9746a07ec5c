//! A resource, whose handlers cannot be seen.
use actix_web::web;
use auth_runtime::{ProtectedScope, prelude::*};

#[requires_auth]
async fn list() -> &'static str {
    "decided"
}

fn main() {
    let _ = ProtectedScope::new("/api").service(web::resource("/").to(list));
}
