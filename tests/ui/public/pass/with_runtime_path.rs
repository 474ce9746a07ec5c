use actix_web::{App, get};
use auth_runtime::prelude::*;

#[get("/")]
#[public(reason = "a probe", crate = auth_runtime)]
async fn list() -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().service(list);
}
