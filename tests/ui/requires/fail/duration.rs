use auth_runtime::prelude::*;

#[requires(max_age("quarter of an hour"))]
async fn list() -> String {
    String::new()
}

fn main() {}
