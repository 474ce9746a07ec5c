//! A handler inside of a constant.
use auth_runtime::prelude::*;

#[deny_by_default]
mod api {
    use actix_web::{get, web};

    pub const ROUTES: fn(&mut web::ServiceConfig) = |config| {
        #[get("/users")]
        async fn list_users() -> String {
            String::new()
        }
        config.service(list_users);
    };
}

fn main() {
    let _ = api::ROUTES;
}
