use auth_runtime::prelude::*;

#[requires_role("admin")]
#[requires_role("editor")]
async fn list() -> String {
    String::new()
}

fn main() {}
