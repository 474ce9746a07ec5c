use actix_web::{App, get};
use auth_runtime::prelude::*;

#[requires_auth]
#[cfg(any())]
#[get("/")]
async fn list() -> &'static str {
    "never built"
}

#[requires_auth]
#[cfg(not(any()))]
#[get("/")]
async fn list() -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().service(list);
}
