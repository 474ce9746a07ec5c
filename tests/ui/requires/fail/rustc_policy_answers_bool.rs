use auth_runtime::prelude::*;

async fn is_author() -> bool {
    true
}

#[requires(policy(is_author))]
async fn list() -> String {
    String::new()
}

fn main() {}
