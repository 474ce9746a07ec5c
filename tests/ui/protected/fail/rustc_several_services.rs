//! Several services at once, one of them unprotected.
use actix_web::{get, services};
use auth_runtime::{ProtectedScope, prelude::*};

#[requires_auth]
#[get("/")]
async fn list() -> &'static str {
    "decided"
}

#[get("/all")]
async fn list_all() -> &'static str {
    "forgotten"
}

fn main() {
    let _ = ProtectedScope::new("/api").service(services![list, list_all]);
}
