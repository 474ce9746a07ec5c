use auth_runtime::prelude::*;

#[requires("admin")]
async fn list() -> String {
    String::new()
}

fn main() {}
