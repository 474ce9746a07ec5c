use auth_runtime::prelude::*;

#[requires_scope("articles:read", "articles:write")]
async fn list() -> String {
    String::new()
}

fn main() {}
