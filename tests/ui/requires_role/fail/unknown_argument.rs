use auth_runtime::prelude::*;

#[requires_role("admin", mode = "strict")]
async fn list() -> String {
    String::new()
}

fn main() {}
