use auth_runtime::prelude::*;

#[requires(policy())]
async fn list() -> String {
    String::new()
}

fn main() {}
