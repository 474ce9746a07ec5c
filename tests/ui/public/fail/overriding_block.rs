use actix_web::HttpResponse;
use auth_runtime::prelude::*;

#[requires_role("clerk")]
mod orders {
    use super::*;

    struct Shop;

    #[public(reason = "printed in every shop", overrides)]
    impl Shop {
        async fn prices() -> HttpResponse {
            HttpResponse::Ok().finish()
        }
    }
}

fn main() {}
