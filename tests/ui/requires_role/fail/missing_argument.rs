use auth_runtime::prelude::*;

#[requires_role(any(not, "admin"))]
async fn list() -> String {
    String::new()
}

fn main() {}
