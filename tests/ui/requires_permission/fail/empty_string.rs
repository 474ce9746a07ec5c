use auth_runtime::prelude::*;

#[requires_permission("")]
async fn list() -> String {
    String::new()
}

fn main() {}
