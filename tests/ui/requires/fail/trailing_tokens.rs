use auth_runtime::prelude::*;

#[requires(role("admin") role("editor"))]
async fn list() -> String {
    String::new()
}

fn main() {}
