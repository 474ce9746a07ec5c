use auth_runtime::prelude::*;

#[requires_scope()]
async fn list() -> String {
    String::new()
}

fn main() {}
