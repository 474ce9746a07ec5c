use actix_web::{App, Responder, web};
use auth_runtime::prelude::*;

#[requires_auth]
async fn list() -> impl Responder {
    "ok"
}

fn main() {
    let _ = App::new().route("/", web::get().to(list));
}
