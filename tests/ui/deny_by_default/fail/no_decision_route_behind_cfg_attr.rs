use auth_runtime::prelude::*;

#[deny_by_default]
mod api {
    #[cfg_attr(debug_assertions, actix_web::get("/debug"))]
    pub async fn debug() -> String {
        String::new()
    }
}

fn main() {}
