use auth_runtime::prelude::*;

#[requires(rolle("admin"))]
async fn list() -> String {
    String::new()
}

fn main() {}
