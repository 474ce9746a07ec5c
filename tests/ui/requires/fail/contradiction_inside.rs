use auth_runtime::prelude::*;

#[requires(any(scope("s"), all(role("admin"), not(role("admin")))))]
async fn list() -> String {
    String::new()
}

fn main() {}
