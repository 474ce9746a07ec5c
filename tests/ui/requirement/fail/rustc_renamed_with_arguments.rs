use actix_web::{get, web};
use auth_runtime::prelude::*;

requirement! {
    has(id: &u64) = check(|user: &Principal, id: &u64| user.subject() == id.to_string());
}

#[get("/articles/{id}")]
#[requires(owns(id))]
async fn read(id: web::Path<u64>) -> String {
    id.to_string()
}

fn main() {}
