use auth_runtime::prelude::*;

#[requires_role("admin", hide, hide)]
async fn list() -> String {
    String::new()
}

fn main() {}
