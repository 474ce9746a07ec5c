use actix_web::{App, post, web};
use auth_runtime::prelude::*;

requirement! {
    pub CanDelete = role("admin");
}

#[cfg(any())]
#[requires(all(CanDelete, check(|id: &web::Path<u64>| **id > 0)))]
async fn list(id: web::Path<u64>, _: Authorized<CanDelete>) -> NotThere {
    id.to_string()
}

#[post("/{id}")]
#[requires(all(CanDelete, check(|id: &web::Path<u64>| **id > 0)))]
async fn list(id: web::Path<u64>, _: Authorized<CanDelete>) -> String {
    id.to_string()
}

fn main() {
    let _ = App::new().service(list);
}
