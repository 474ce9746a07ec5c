use actix_web::{App, route};
use auth_runtime::prelude::*;

#[route("/", method = "GET", method = "PUT")]
#[requires_auth]
async fn list() -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().service(list);
}
