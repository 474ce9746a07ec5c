use actix_web::{App, scope};
use auth_runtime::prelude::*;

#[requires_auth]
#[scope("/x")]
mod scoped {
    #[actix_web::get("/list")]
    pub async fn list() -> &'static str {
        "ok"
    }
}

fn main() {
    let _ = App::new().service(scoped::list);
}
