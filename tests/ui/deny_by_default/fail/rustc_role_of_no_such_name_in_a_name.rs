use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
pub enum Role {
    Admin,
    Editor,
}

requirement! {
    pub editors = any(role("edtor"), permission("articles:edit"));
}

#[deny_by_default(roles = super::Role)]
mod api {
    #[actix_web::get("/")]
    #[auth_runtime::requires(super::editors)]
    pub async fn list() -> String {
        String::new()
    }
}

fn main() {}
