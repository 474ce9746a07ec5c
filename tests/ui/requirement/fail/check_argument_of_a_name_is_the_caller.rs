use actix_web::{HttpResponse, get, web};
use auth_runtime::prelude::*;

requirement! {
    owns(id: &u64) = check(|user: &Principal, id: &u64| user.subject() == id.to_string());
}

#[get("/articles/{id}")]
#[requires(owns(user))]
async fn read(_id: web::Path<u64>) -> HttpResponse {
    HttpResponse::Ok().finish()
}

fn main() {}
