use actix_web::{App, get};
use auth_runtime::prelude::*;

#[get("/")]
#[requires_role("admin")]
#[requires_scope("articles:read")]
#[requires(not(scheme(Basic)))]
async fn list() -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().service(list);
}
