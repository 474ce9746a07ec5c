use auth_runtime::prelude::*;

#[requires(acr("a", "b"))]
async fn list() -> String {
    String::new()
}

fn main() {}
