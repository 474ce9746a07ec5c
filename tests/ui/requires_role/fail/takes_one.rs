use auth_runtime::prelude::*;

#[requires_role(not("guest", "bot"))]
async fn list() -> String {
    String::new()
}

fn main() {}
