use actix_web::{App, web};
use auth_runtime::prelude::*;

#[requires(check(|id: &web::Path<u64>, user: &Authenticated| **id == user.subject().len() as u64))]
mod inner {
    use super::*;

    pub async fn show(user: Authenticated, id: web::Path<u64>) -> String {
        format!("{id} {}", user.subject())
    }
}

fn main() {
    let _ = App::new().route("/{id}", web::get().to(inner::show));
}
