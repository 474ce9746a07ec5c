use auth_runtime::prelude::*;

#[requires_role(!"guest")]
async fn list() -> String {
    String::new()
}

fn main() {}
