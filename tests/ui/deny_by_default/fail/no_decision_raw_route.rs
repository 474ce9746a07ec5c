//! A route attribute as a raw identifier.
use auth_runtime::prelude::*;

#[deny_by_default]
mod api {
    use actix_web::route;

    #[r#route("", method = "GET")]
    pub async fn list_users() -> String {
        String::new()
    }
}

fn main() {}
