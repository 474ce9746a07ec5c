use actix_web::{App, get};
use auth_runtime as renamed;
use auth_runtime::prelude::*;

requirement! {
    crate = renamed;
    editors = role("editor");
}

#[get("/")]
#[requires(editors)]
async fn list() -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().service(list);
}
