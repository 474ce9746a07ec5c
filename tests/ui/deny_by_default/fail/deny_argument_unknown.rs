use auth_runtime::prelude::*;

#[deny_by_default(role = Role)]
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
