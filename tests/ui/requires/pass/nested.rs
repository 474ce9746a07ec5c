use actix_web::{App, get};
use auth_runtime::prelude::*;

#[get("/")]
#[requires(any(role("admin"), all(scope("a"), not(role("guest")), permission("p:q"))))]
async fn list() -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().service(list);
}
