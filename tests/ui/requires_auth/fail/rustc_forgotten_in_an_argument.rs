//! `Authenticated` in a function that is no handler.
use auth_runtime::prelude::*;

#[requires_auth]
async fn list(user: &Authenticated) -> String {
    user.subject().to_owned()
}

fn main() {
    let _ = actix_web::web::get().to(list);
}
