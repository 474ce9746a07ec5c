use auth_runtime::prelude::*;

#[requires_role(hide)]
async fn list() -> String {
    String::new()
}

fn main() {}
