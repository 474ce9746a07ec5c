use auth_runtime::prelude::*;

#[requires_role(any("admin", scope("articles:write")))]
async fn list() -> String {
    String::new()
}

fn main() {}
