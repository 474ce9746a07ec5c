use actix_web::{App, web};
use auth_runtime::prelude::*;

struct Controller<T>(T);

#[requires_auth]
impl<T: Clone + serde::de::DeserializeOwned + 'static> Controller<T> {
    #[requires(check(|id: &web::Path<u64>| **id > 0))]
    async fn show(id: web::Path<u64>, body: web::Json<T>) -> String {
        let _ = Self(body.into_inner());
        id.to_string()
    }
}

fn main() {
    let _ = App::new().route("/{id}", web::post().to(Controller::<String>::show));
}
