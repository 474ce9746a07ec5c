use auth_runtime::prelude::*;

#[requires(policy(is_author()))]
async fn list() -> String {
    String::new()
}

fn main() {}
