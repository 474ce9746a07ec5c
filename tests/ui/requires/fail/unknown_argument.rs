use auth_runtime::prelude::*;

#[requires(authenticatd)]
async fn list() -> String {
    String::new()
}

fn main() {}
