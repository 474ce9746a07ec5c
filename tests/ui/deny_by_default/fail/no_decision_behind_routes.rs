use auth_runtime::prelude::*;

#[deny_by_default]
mod api {
    use actix_web::{delete, routes};

    #[routes]
    #[get("/users")]
    #[delete("/users")]
    pub async fn users() -> String {
        String::new()
    }
}

fn main() {}
