use actix_web::{App, HttpRequest as R, web};
use auth_runtime::prelude::*;

#[requires_auth]
#[rustfmt::skip]
async fn list(
    _: R, _: R, _: R, _: R, _: R, _: R, _: R, _: R,
    _: R, _: R, _: R, _: R, _: R, _: R, _: R, _: R,
) -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().route("/", web::get().to(list));
}
