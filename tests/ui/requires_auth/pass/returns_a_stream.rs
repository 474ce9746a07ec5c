use actix_web::{App, HttpResponse, web};
use auth_runtime::prelude::*;

#[requires_auth]
async fn list() -> HttpResponse {
    let chunks = futures_util::stream::iter([Ok::<_, actix_web::Error>("chunk".into())]);
    HttpResponse::Ok().streaming(chunks)
}

fn main() {
    let _ = App::new().route("/", web::get().to(list));
}
