//! A handler inside of a function of an impl block.
use auth_runtime::prelude::*;

#[deny_by_default]
mod api {
    use actix_web::{get, web};

    pub struct Users;

    impl Users {
        pub fn routes(&self, config: &mut web::ServiceConfig) {
            #[get("/users")]
            async fn list_users() -> String {
                String::new()
            }
            config.service(list_users);
        }
    }
}

fn main() {
    let _ = api::Users::routes;
}
