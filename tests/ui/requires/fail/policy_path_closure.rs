use auth_runtime::prelude::*;

#[requires(policy(|request| true))]
async fn list() -> String {
    String::new()
}

fn main() {}
