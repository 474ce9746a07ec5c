use actix_web::{App, routes};
use auth_runtime::prelude::*;

#[requires_auth]
#[routes]
#[get("/a")]
#[post("/b")]
async fn list() -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().service(list);
}
