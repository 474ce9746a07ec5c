use actix_web::{App, web};
use auth_runtime::prelude::*;

#[requires_auth]
async fn list(web::Query(id): web::Query<u64>, (_, args): (web::Data<u8>, String)) -> String {
    format!("{id} {args}")
}

fn main() {
    let _ = App::new().route("/", web::get().to(list));
}
