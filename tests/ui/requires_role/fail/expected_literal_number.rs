use auth_runtime::prelude::*;

#[requires_role(7)]
async fn list() -> String {
    String::new()
}

fn main() {}
