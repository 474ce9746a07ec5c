use auth_runtime::prelude::*;

#[requires(any())]
async fn list() -> String {
    String::new()
}

fn main() {}
