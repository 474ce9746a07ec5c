use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
pub enum Role {
    Admin,
    Editor,
}

#[requires_auth]
#[deny_by_default(roles = super::Role)]
mod api {
    #[actix_web::get("/")]
    #[auth_runtime::requires_role("edtor")]
    pub async fn list() -> String {
        String::new()
    }
}

fn main() {}
