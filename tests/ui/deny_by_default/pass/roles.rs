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

    /// The check of the roles is where the handler is.
    #[cfg(any())]
    #[auth_runtime::requires(there_is_none)]
    pub async fn nowhere() {}

    #[actix_web::post("/{id}")]
    #[auth_runtime::requires(any(super::editors, super::owns(id)))]
    pub async fn named(id: actix_web::web::Path<u64>) -> String {
        id.to_string()
    }
}

requirement! {
    pub editors = any(role("editor"), role(Role::Admin), scope("edtor"));
    pub owns(id: &u64) = all(editors, not(role("admin")), check(|id| *id > 0));
}

fn main() {
    let _ = (Role::Admin, App::new().service(api::list).service(api::named));
}
