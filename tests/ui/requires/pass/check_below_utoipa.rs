use actix_web::{App, post, web};
use auth_runtime::prelude::*;

requirement! {
    pub writers = role("writer");
}

#[utoipa::path(responses((status = 200)))]
#[post("/{id}")]
#[requires(all(writers, check(|id: &web::Path<u64>| **id > 0)))]
async fn below(id: web::Path<u64>, _: Authorized<writers>) -> String {
    id.to_string()
}

#[requires(all(writers, check(|id: &web::Path<u64>| **id > 0)))]
#[utoipa::path(responses((status = 200)))]
#[post("/{id}")]
async fn above(id: web::Path<u64>, _: Authorized<writers>) -> String {
    id.to_string()
}

fn main() {
    let _ = App::new().service(below).service(above);
}
