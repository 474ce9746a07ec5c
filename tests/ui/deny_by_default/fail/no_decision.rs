use auth_runtime::prelude::*;

#[deny_by_default]
mod api {
    use actix_web::get;

    #[get("/users")]
    pub async fn list_users() -> String {
        String::new()
    }
}

fn main() {}
