use actix_web::{App, scope};
use auth_runtime::prelude::*;

#[scope("/x")]
mod scoped {
    use actix_web::get;

    use super::*;

    #[get("/below")]
    #[requires_auth]
    pub async fn below() -> &'static str {
        "ok"
    }
}

fn main() {
    let _ = App::new().service(scoped::below);
}
