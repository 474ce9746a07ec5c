use auth_runtime::prelude::*;

#[requires(max_age(15))]
async fn list() -> String {
    String::new()
}

fn main() {}
