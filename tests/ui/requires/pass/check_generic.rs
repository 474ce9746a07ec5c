use actix_web::{App, FromRequest, web};
use auth_runtime::prelude::*;

#[requires(check(|body: &web::Json<B>| !body.as_ref().is_empty()))]
async fn list<A: FromRequest + 'static, B>(_: A, body: web::Json<B>) -> String
where
    B: AsRef<str> + serde::de::DeserializeOwned + 'static,
{
    body.as_ref().to_owned()
}

fn main() {
    let list = list::<web::Bytes, String>;
    let _ = App::new().route("/", web::post().to(list));
}
