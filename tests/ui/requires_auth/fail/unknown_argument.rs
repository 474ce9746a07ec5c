use auth_runtime::prelude::*;

#[requires_auth(admin)]
async fn list() -> String {
    String::new()
}

fn main() {}
