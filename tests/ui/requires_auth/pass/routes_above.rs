use actix_web::{App, routes};
use auth_runtime::prelude::*;

#[routes]
#[get("/a")]
#[post("/b")]
#[requires_auth]
async fn list() -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().service(list);
}
