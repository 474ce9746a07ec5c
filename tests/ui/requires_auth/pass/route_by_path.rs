use actix_web::App;
use auth_runtime::prelude::*;

#[requires_auth]
#[actix_web::get("/")]
async fn list() -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().service(list);
}
