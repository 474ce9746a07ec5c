use auth_runtime::prelude::*;

#[requires(any(role("admin"), not(authenticated)))]
async fn list() -> String {
    String::new()
}

fn main() {}
