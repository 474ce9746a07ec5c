use actix_web::{App, FromRequest, web};
use auth_runtime::prelude::*;

#[requires_auth]
async fn list<T>(_value: T) -> &'static str
where
    T: FromRequest + Clone,
{
    "ok"
}

fn main() {
    let _ = App::new().route("/", web::get().to(list::<web::Data<u8>>));
}
