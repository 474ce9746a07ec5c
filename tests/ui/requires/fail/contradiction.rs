use auth_runtime::prelude::*;

#[requires(all(role("admin"), not(role("admin"))))]
async fn list() -> String {
    String::new()
}

fn main() {}
