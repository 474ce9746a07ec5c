use std::borrow::Cow;

use actix_web::{App, web};
use auth_runtime::prelude::*;

#[requires_auth]
async fn list<'a>(_a: web::Data<Cow<'a, str>>, _b: web::Data<&'a str>) -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().route("/", web::get().to(list));
}
