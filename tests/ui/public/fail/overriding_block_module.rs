use actix_web::{HttpResponse, get};
use auth_runtime::prelude::*;

#[public(reason = "printed in every shop", overrides)]
mod orders {
    use super::*;

    #[get("/prices")]
    pub(super) async fn prices() -> HttpResponse {
        HttpResponse::Ok().finish()
    }
}

fn main() {}
