use actix_web::{App, delete, web};
use auth_runtime::prelude::*;

requirement! {
    pub CanDelete = role("admin");
}

fn delete_user(_: &Authorized<CanDelete>, id: u64) -> String {
    id.to_string()
}

#[delete("/{id}")]
#[cfg(all())]
#[requires(all(CanDelete, scope("users:write")))]
async fn list(id: web::Path<u64>, may: Authorized<CanDelete>) -> String {
    delete_user(&may, *id)
}

fn main() {
    let _ = App::new().service(list);
}
