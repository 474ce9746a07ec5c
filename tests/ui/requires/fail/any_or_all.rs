use auth_runtime::prelude::*;

#[requires(role("admin"), scope("articles:read"))]
async fn list() -> String {
    String::new()
}

fn main() {}
