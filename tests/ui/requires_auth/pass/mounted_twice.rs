use actix_web::{App, web};
use auth_runtime::prelude::*;

#[requires_auth]
async fn list() -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new()
        .route("/a", web::get().to(list))
        .service(web::resource("/b").to(list));
}
