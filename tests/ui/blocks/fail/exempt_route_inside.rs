//! A word on a module holds for no route inside of it.
use auth_runtime::prelude::*;

#[requires_role("admin")]
mod handlers {
    use auth_runtime::not_a_handler;

    pub async fn proper() -> &'static str {
        "proper"
    }

    #[not_a_handler]
    pub mod inner {
        pub async fn helper() {}

        #[actix_web::get("/open")]
        pub async fn open() -> &'static str {
            "open"
        }
    }
}

fn main() {}
