use auth_runtime::prelude::*;

#[requires_role("admin", hide = true)]
async fn list() -> String {
    String::new()
}

fn main() {}
