use actix_web::{get, web};
use auth_runtime::prelude::*;

#[get("/articles/{id}")]
#[requires(polcy(id))]
async fn read(id: web::Path<u64>) -> String {
    id.to_string()
}

fn main() {}
