use auth_runtime::prelude::*;

#[requires(any(role("admin"), not(role("admin"))))]
async fn list() -> String {
    String::new()
}

fn main() {}
