use auth_runtime::prelude::*;

#[requires(role("admin"))]
#[requires(scope("articles:read"))]
async fn list() -> String {
    String::new()
}

fn main() {}
