use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
pub enum Role {
    Admin,
}

requirement! {
    banned(id: &u64) = all(role("admn"), check(|id: &u64| *id > 0));
    pub editors(id: &u64) = all(role("admin"), not(banned(id)));
}

#[deny_by_default(roles = super::Role, requires(super::editors(id)))]
mod api {
    #[actix_web::get("/{id}")]
    pub async fn list(id: actix_web::web::Path<u64>) -> String {
        id.to_string()
    }
}

fn main() {}
