use actix_web::{App, web};
use auth_runtime::prelude::*;

#[requires_auth]
mod handlers {
    #[actix_web::get("/list")]
    pub async fn list() -> &'static str {
        "ok"
    }

    pub mod inner {
        pub async fn deep() -> &'static str {
            "ok"
        }
    }
}

fn main() {
    let _ = App::new()
        .service(handlers::list)
        .route("/deep", web::get().to(handlers::inner::deep));
}
