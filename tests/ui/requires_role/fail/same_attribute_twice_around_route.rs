use auth_runtime::prelude::*;

#[requires_role("admin")]
#[actix_web::get("/")]
#[requires_role("editor")]
async fn list() -> String {
    String::new()
}

fn main() {}
