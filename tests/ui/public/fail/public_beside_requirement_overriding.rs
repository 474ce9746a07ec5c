use actix_web::{HttpResponse, get};
use auth_runtime::prelude::*;

#[requires_role("clerk")]
mod orders {
    use super::*;

    #[get("/prices")]
    #[requires_scope("prices")]
    #[public(reason = "printed in every shop", overrides)]
    pub(super) async fn prices() -> HttpResponse {
        HttpResponse::Ok().finish()
    }
}

fn main() {}
