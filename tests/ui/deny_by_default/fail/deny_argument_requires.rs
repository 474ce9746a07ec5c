use auth_runtime::prelude::*;

#[deny_by_default(requires(role("a"), role("b")))]
mod api {
    use actix_web::get;
    use auth_runtime::prelude::*;

    #[get("/")]
    #[requires_auth]
    pub async fn list() -> String {
        String::new()
    }
}

fn main() {}
