use auth_runtime::prelude::*;

#[requires_auth]
#[actix_web::get("/")]
#[public(reason = "a probe")]
async fn list() -> String {
    String::new()
}

fn main() {}
