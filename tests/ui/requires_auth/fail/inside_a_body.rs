//! A handler inside of a function, with a decision that seems to be joined with the module's.
use auth_runtime::prelude::*;

#[requires_role("admin")]
mod admin {
    use actix_web::{get, web};
    use auth_runtime::prelude::*;

    pub fn routes(config: &mut web::ServiceConfig) {
        #[get("/users")]
        #[requires_auth]
        async fn list_users() -> String {
            String::new()
        }
        config.service(list_users);
    }
}

fn main() {
    let _ = admin::routes;
}
