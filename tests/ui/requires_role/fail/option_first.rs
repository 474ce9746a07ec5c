use auth_runtime::prelude::*;

#[requires_role(hide, "admin")]
async fn list() -> String {
    String::new()
}

fn main() {}
