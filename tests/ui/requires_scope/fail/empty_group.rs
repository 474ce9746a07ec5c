use auth_runtime::prelude::*;

#[requires_scope(any())]
async fn list() -> String {
    String::new()
}

fn main() {}
