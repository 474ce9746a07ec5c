use actix_web::{App, get};
use auth_runtime as renamed;

#[get("/")]
#[renamed::requires_auth(hide, crate = renamed)]
async fn list() -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().service(list);
}
