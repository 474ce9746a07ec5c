use actix_web::{App, get};
use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
enum Role {
    #[role(implies(Editor))]
    Admin,
    Editor,
}

#[get("/")]
#[requires(all(role(Role::Editor), not(role("banned"))))]
async fn edit() -> &'static str {
    "ok"
}

fn main() {
    let _ = Role::Admin;
    let _ = App::new().service(edit);
}
