use actix_web::{App, web};
use auth_runtime::prelude::*;

#[requires_auth]
async fn list(id: web::Path<String>) -> actix_web::Result<String> {
    let id: u8 = id.parse().map_err(actix_web::error::ErrorBadRequest)?;
    if id == 0 {
        return Ok(String::new());
    }
    Ok(async { Ok::<_, actix_web::Error>(id) }.await?.to_string())
}

fn main() {
    let _ = App::new().route("/", web::get().to(list));
}
