use auth_runtime::prelude::*;

#[requires(any(role("admin"), all()))]
async fn list() -> String {
    String::new()
}

fn main() {}
