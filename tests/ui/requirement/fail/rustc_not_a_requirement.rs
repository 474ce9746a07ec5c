use auth_runtime::prelude::*;

#[requires(String)]
async fn list() -> String {
    String::new()
}

fn main() {}
