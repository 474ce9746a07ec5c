use auth_runtime::prelude::*;

#[requires_permission("articles:*")]
async fn list() -> String {
    String::new()
}

fn main() {}
