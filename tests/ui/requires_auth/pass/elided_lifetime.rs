use actix_web::{App, web};
use auth_runtime::prelude::*;

#[requires_auth]
async fn list(_value: web::Data<std::borrow::Cow<'_, str>>) -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().route("/", web::get().to(list));
}
