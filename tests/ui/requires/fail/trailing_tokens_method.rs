use auth_runtime::prelude::*;

#[requires(any(role("admin").or(role("editor"))))]
async fn list() -> String {
    String::new()
}

fn main() {}
