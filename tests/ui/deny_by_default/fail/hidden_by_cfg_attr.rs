use auth_runtime::prelude::*;

#[deny_by_default]
mod api {
    #[actix_web::get("/")]
    #[cfg_attr(debug_assertions, auth_runtime::requires_auth)]
    pub async fn list() -> String {
        String::new()
    }
}

fn main() {}
