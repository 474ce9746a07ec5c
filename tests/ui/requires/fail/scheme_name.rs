use auth_runtime::prelude::*;

#[requires(scheme("Bear er"))]
async fn list() -> String {
    String::new()
}

fn main() {}
