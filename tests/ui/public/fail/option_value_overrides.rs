use actix_web::{HttpResponse, get};
use auth_runtime::prelude::*;

#[requires_role("clerk")]
mod orders {
    use super::*;

    #[get("/prices")]
    #[public(reason = "printed in every shop", overrides = true)]
    pub(super) async fn prices() -> HttpResponse {
        HttpResponse::Ok().finish()
    }
}

fn main() {}
