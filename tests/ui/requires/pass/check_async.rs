use actix_web::{App, post, web};
use auth_runtime::prelude::*;

async fn is_free(name: &str) -> bool {
    !name.is_empty()
}

#[post("/")]
#[requires(check(async |body: &web::Json<String>| is_free(body).await))]
async fn list(body: web::Json<String>) -> String {
    body.into_inner()
}

fn main() {
    let _ = App::new().service(list);
}
