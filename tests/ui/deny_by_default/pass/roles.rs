use actix_web::App;
use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
pub enum Role {
    Admin,
    Editor,
}

#[deny_by_default(roles = super::Role)]
mod api {
    #[actix_web::get("/")]
    #[auth_runtime::requires_role(any("admin", super::Role::Editor))]
    pub async fn list() -> &'static str {
        "list"
    }
}

fn main() {
    let _ = (Role::Admin, App::new().service(api::list));
}
