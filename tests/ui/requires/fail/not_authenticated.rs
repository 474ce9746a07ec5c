use auth_runtime::prelude::*;

#[requires(not(authenticated))]
async fn list() -> String {
    String::new()
}

fn main() {}
