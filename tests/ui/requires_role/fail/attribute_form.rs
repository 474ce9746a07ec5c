use auth_runtime::prelude::*;

#[requires_auth]
#[requires_role = "admin"]
async fn list() -> String {
    String::new()
}

fn main() {}
