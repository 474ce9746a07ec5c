use auth_runtime::prelude::*;

#[requires_auth]
async fn list(_caller: Result<Authenticated, actix_web::Error>) -> String {
    String::new()
}

fn main() {}
