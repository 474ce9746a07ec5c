use auth_runtime::prelude::*;

#[requires(max_age("900"))]
async fn list() -> String {
    String::new()
}

fn main() {}
