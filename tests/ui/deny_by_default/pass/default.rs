use actix_web::App;
use auth_runtime::prelude::*;

#[deny_by_default(requires(role("admin")))]
mod api {
    #[actix_web::get("/users")]
    pub async fn users() -> &'static str {
        "users"
    }
}

fn main() {
    let _ = App::new().service(api::users);
}
