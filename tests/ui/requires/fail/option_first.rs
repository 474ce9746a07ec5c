use auth_runtime::prelude::*;

#[requires(crate = auth_runtime, role("admin"))]
async fn list() -> String {
    String::new()
}

fn main() {}
