use actix_web::{App, HttpResponse, web};
use auth_runtime::prelude::*;

#[requires_auth]
async fn list() -> HttpResponse {
    HttpResponse::Ok().finish()
}

fn main() {
    let _ = App::new().route("/", web::get().to(list));
}
