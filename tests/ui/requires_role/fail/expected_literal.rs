use auth_runtime::prelude::*;

#[requires_role(Role::Admin)]
async fn list() -> String {
    String::new()
}

fn main() {}
