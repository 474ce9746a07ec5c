use auth_runtime::prelude::*;

#[requires_role]
async fn list() -> String {
    String::new()
}

fn main() {}
