use actix_web::{HttpResponse, get};
use auth_runtime::prelude::*;

#[requires_role("clerk", hide)]
mod orders {
    use super::*;

    #[get("/orders")]
    pub(super) async fn list() -> HttpResponse {
        HttpResponse::Ok().finish()
    }

    #[get("/prices")]
    #[public(reason = "printed in every shop", overrides)]
    pub(super) async fn prices() -> HttpResponse {
        HttpResponse::Ok().finish()
    }

    pub(super) mod inner {
        use super::*;

        #[public(overrides, reason = "printed too")]
        #[get("/deep")]
        pub(crate) async fn deep() -> HttpResponse {
            HttpResponse::Ok().finish()
        }
    }
}

struct Shop;

#[requires_auth]
impl Shop {
    #[public(reason = "on the door", overrides)]
    async fn hours() -> HttpResponse {
        HttpResponse::Ok().finish()
    }
}

fn main() {
    let _ = actix_web::App::new()
        .service(orders::list)
        .service(orders::prices)
        .service(orders::inner::deep)
        .route("/hours", actix_web::web::get().to(Shop::hours));
}
