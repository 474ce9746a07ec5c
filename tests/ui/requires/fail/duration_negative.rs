use auth_runtime::prelude::*;

#[requires(max_age("-5m"))]
async fn list() -> String {
    String::new()
}

fn main() {}
