use actix_web::{App, FromRequest, web};
use auth_runtime::{__private::Guarded, prelude::*};

#[requires_auth]
async fn list(_value: impl FromRequest) -> &'static str {
    "ok"
}

fn main() {
    let route = web::get().to::<_, (Guarded<_, (web::Data<u8>,)>,)>(list);
    let _ = App::new().route("/", route);
}
