use auth_runtime::prelude::*;

#[requires(role("admin", "editor"))]
async fn list() -> String {
    String::new()
}

fn main() {}
