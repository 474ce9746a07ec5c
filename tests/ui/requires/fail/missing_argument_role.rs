use auth_runtime::prelude::*;

#[requires(role())]
async fn list() -> String {
    String::new()
}

fn main() {}
