use auth_runtime::prelude::*;

#[requires_role("admin")]
#[requires(not(role("admin")))]
async fn list() -> String {
    String::new()
}

fn main() {}
