use actix_web::{HttpResponse, get};
use auth_runtime::prelude::*;

#[requires_role("clerk")]
mod orders {
    use super::*;

    #[get("/prices")]
    #[requires_auth(overrides)]
    pub(super) async fn prices() -> HttpResponse {
        HttpResponse::Ok().finish()
    }
}

fn main() {}
