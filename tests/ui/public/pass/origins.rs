use auth_runtime::prelude::*;

#[public(reason = "callers log in here", same_origin)]
async fn login() -> String {
    String::new()
}

#[public(reason = "anyone may report", cross_origin = "the form is in other sites")]
async fn report() -> String {
    String::new()
}

#[requires_role("clerk", cross_origin = "the payment provider posts the form")]
async fn paid() -> String {
    String::new()
}

#[requires_auth(cross_origin = "the partner's page posts it")]
mod partner {
    pub(super) async fn order() -> String {
        String::new()
    }
}

fn main() {
    _ = actix_web::App::new()
        .route("/login", actix_web::web::post().to(login))
        .route("/report", actix_web::web::post().to(report))
        .route("/paid", actix_web::web::post().to(paid))
        .route("/order", actix_web::web::post().to(partner::order));
}
