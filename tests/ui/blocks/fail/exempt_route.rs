use auth_runtime::prelude::*;

#[deny_by_default]
mod handlers {
    use auth_runtime::not_a_handler;

    #[not_a_handler]
    #[actix_web::get("/")]
    pub async fn open() -> &'static str {
        "open"
    }
}

fn main() {}
