use auth_runtime::prelude::*;

#[requires(role("admin"),, hide)]
async fn list() -> String {
    String::new()
}

fn main() {}
