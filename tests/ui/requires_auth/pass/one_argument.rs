use actix_web::{App, web};
use auth_runtime::prelude::*;

#[requires_auth]
async fn list(caller: Authenticated) -> String {
    caller.subject().to_owned()
}

fn main() {
    let _ = App::new().route("/", web::get().to(list));
}
