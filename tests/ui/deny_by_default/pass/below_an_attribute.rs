use actix_web::App;
use auth_runtime::prelude::*;

#[requires_auth]
#[deny_by_default]
mod api {
    #[actix_web::get("/users")]
    pub async fn users() -> &'static str {
        "users"
    }
}

fn main() {
    let _ = App::new().service(api::users);
}
