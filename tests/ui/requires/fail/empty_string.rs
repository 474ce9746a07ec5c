use auth_runtime::prelude::*;

#[requires(any(role(""), scope("articles:read")))]
async fn list() -> String {
    String::new()
}

fn main() {}
