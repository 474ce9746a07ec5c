use actix_web::{get, web};
use auth_runtime::prelude::*;

requirement! {
    editors = role("editor");
}

#[get("/articles/{id}")]
#[requires(editors(id))]
async fn read(id: web::Path<u64>) -> String {
    id.to_string()
}

fn main() {}
