use auth_runtime::prelude::*;

#[requires_role("admin", "editor")]
async fn list() -> String {
    String::new()
}

fn main() {}
