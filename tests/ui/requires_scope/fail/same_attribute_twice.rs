use auth_runtime::prelude::*;

#[requires_scope("articles:read")]
#[requires_scope("articles:write")]
async fn list() -> String {
    String::new()
}

fn main() {}
