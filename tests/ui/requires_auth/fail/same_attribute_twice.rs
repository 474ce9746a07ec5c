use auth_runtime::prelude::*;

#[requires_auth]
#[requires_auth]
async fn list() -> String {
    String::new()
}

fn main() {}
