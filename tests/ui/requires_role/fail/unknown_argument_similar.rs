use auth_runtime::prelude::*;

#[requires_role("admin", hid)]
async fn list() -> String {
    String::new()
}

fn main() {}
