use actix_web::App;
use auth_runtime::{ProtectedScope, prelude::*};

#[deny_by_default]
mod api {
    use actix_web::get;
    use auth_runtime::prelude::*;

    #[get("/below")]
    #[requires_auth]
    pub async fn below() -> &'static str {
        "ok"
    }
}

fn main() {
    let _ = App::new().service(ProtectedScope::new("/api").service(api::below));
}
