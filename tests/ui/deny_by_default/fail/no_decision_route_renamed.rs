//! A route attribute under another name is recognised by the path it takes.
use auth_runtime::prelude::*;

#[deny_by_default]
mod api {
    use actix_web::get as fetch;

    #[fetch("/users")]
    pub async fn list_users() -> String {
        String::new()
    }
}

fn main() {}
