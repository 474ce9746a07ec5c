use actix_web::{App, post, web};
use auth_runtime::prelude::*;

#[post("/")]
#[requires(any(role("admin"), check(|user: &Principal, body: &web::Json<String>| **body == user.subject())))]
async fn list(body: web::Json<String>) -> String {
    body.into_inner()
}

fn main() {
    let _ = App::new().service(list);
}
