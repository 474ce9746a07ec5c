use auth_runtime::prelude::*;

#[public]
async fn list() -> String {
    String::new()
}

fn main() {}
