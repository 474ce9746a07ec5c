use auth_runtime::prelude::*;

#[requires(not(role("guest"), role("bot")))]
async fn list() -> String {
    String::new()
}

fn main() {}
