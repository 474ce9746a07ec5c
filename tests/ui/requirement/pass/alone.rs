use actix_web::{App, get};
use auth_runtime::prelude::*;

requirement! {
    /// Who may change articles.
    pub editors = any(role("editor"), permission("articles:edit"));
}

#[get("/")]
#[requires(editors)]
async fn list() -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().service(list);
}
