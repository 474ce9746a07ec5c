use auth_runtime::prelude::*;

#[requires_role(some("admin", "editor"))]
async fn list() -> String {
    String::new()
}

fn main() {}
