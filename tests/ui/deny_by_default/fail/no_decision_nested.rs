use auth_runtime::prelude::*;

#[deny_by_default]
mod api {
    mod v1 {
        #[actix_web::post("/users")]
        pub async fn create_user() -> String {
            String::new()
        }
    }
}

fn main() {}
