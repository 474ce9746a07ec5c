use auth_runtime::prelude::*;

#[requires_role(any("admin", not("admin")))]
async fn list() -> String {
    String::new()
}

fn main() {}
