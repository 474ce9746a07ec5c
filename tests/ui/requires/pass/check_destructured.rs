use actix_web::{App, post, web};
use auth_runtime::prelude::*;

#[post("/")]
#[requires(check(|body: &web::Json<String>| !body.is_empty()))]
async fn list(web::Json(mut body): web::Json<String>) -> String {
    body.push('!');
    body
}

fn main() {
    let _ = App::new().service(list);
}
