use auth_runtime::prelude::*;

#[requires]
async fn list() -> String {
    String::new()
}

fn main() {}
