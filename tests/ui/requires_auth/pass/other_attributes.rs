use actix_web::{App, web};
use auth_runtime::prelude::*;

/// Documented.
#[requires_auth]
#[allow(clippy::unused_async)]
#[must_use]
async fn list() -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().route("/", web::get().to(list));
}
