use actix_web::App;
use auth_runtime::prelude::*;

#[deny_by_default]
mod api {
    use actix_web::get;
    use auth_runtime::prelude::*;

    #[get("/users")]
    #[requires_role("admin")]
    pub async fn users() -> &'static str {
        helper().await
    }

    #[requires_auth]
    #[get("/me")]
    pub async fn me() -> &'static str {
        "me"
    }

    #[not_a_handler]
    async fn helper() -> &'static str {
        "users"
    }
}

fn main() {
    let _ = App::new().service(api::users).service(api::me);
}
