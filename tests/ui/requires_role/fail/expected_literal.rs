use auth_runtime::prelude::*;

#[requires_role(5)]
async fn list() -> String {
    String::new()
}

fn main() {}
