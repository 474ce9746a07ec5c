use auth_runtime::prelude::*;

#[requires(any(all(role("a"), role("b")), all(role("a"), role("b"))))]
async fn list() -> String {
    String::new()
}

fn main() {}
