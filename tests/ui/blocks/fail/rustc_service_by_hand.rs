//! A service of a type that is declared elsewhere.
use auth_runtime::prelude::*;

#[requires_role("admin")]
mod handlers {
    use actix_web::dev::{AppService, HttpServiceFactory};

    pub async fn proper() -> &'static str {
        "proper"
    }

    impl HttpServiceFactory for super::Open {
        fn register(self, _: &mut AppService) {}
    }
}

struct Open;

fn main() {}
