use auth_runtime::prelude::*;

#[requires(policy(Self::is_author))]
async fn list() -> String {
    String::new()
}

fn main() {}
