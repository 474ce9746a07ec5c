use actix_web::{App, get};
use auth_runtime::prelude::*;

#[get("/")]
#[requires(any(acr("phr"), acr("phrh")))]
async fn list() -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().service(list);
}
