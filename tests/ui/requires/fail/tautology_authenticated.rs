use auth_runtime::prelude::*;

#[requires(any(role("admin"), authenticated))]
async fn list() -> String {
    String::new()
}

fn main() {}
