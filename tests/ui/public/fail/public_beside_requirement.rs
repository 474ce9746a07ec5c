use auth_runtime::prelude::*;

#[public(reason = "a probe")]
#[requires_role("admin")]
async fn list() -> String {
    String::new()
}

fn main() {}
