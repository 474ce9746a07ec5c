use auth_runtime::prelude::*;

#[requires_auth]
async fn list(_caller: actix_web::Either<Authenticated, String>) -> String {
    String::new()
}

fn main() {}
