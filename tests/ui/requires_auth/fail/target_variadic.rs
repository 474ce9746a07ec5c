use auth_runtime::prelude::*;

#[requires_auth]
async fn list(_first: u8, ...) -> String {
    String::new()
}

fn main() {}
