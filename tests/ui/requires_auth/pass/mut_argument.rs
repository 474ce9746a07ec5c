use actix_web::{App, web};
use auth_runtime::prelude::*;

#[requires_auth]
async fn list(mut body: String) -> String {
    body.push('!');
    body
}

fn main() {
    let _ = App::new().route("/", web::get().to(list));
}
