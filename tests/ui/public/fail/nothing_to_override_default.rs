use actix_web::{HttpResponse, get};
use auth_runtime::prelude::*;

#[deny_by_default(requires(role("clerk")))]
mod orders {
    use super::*;

    #[get("/prices")]
    #[public(reason = "printed in every shop", overrides)]
    pub(super) async fn prices() -> HttpResponse {
        HttpResponse::Ok().finish()
    }
}

fn main() {}
