use actix_web::{App, get};
use auth_runtime::prelude::*;

#[get("/")]
#[public(reason = "a shop window")]
async fn list(_caller: MaybeAuthenticated) -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().service(list);
}
