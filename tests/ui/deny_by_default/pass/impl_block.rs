use actix_web::{App, web};
use auth_runtime::prelude::*;

struct Users;

#[deny_by_default]
impl Users {
    #[requires_role("admin")]
    async fn list() -> &'static str {
        Self::name()
    }

    fn name() -> &'static str {
        "users"
    }
}

fn main() {
    let _ = App::new().route("/", web::get().to(Users::list));
}
