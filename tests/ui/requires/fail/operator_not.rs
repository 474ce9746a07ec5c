use auth_runtime::prelude::*;

#[requires(!role("guest"))]
async fn list() -> String {
    String::new()
}

fn main() {}
