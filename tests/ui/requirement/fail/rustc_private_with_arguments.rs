use actix_web::{get, web};
use auth_runtime::prelude::*;

mod access {
    auth_runtime::requirement! {
        owns(id: &u64) = check(|id: &u64| *id > 0);
    }
}

#[get("/articles/{id}")]
#[requires(access::owns(id))]
async fn read(id: web::Path<u64>) -> String {
    id.to_string()
}

fn main() {}
