use auth_runtime::prelude::*;

#[requires_auth]
async fn list(_caller: Option<Authenticated>) -> String {
    String::new()
}

fn main() {}
