use auth_runtime::prelude::*;

#[requires_auth(crate = ::auth_runtime)]
#[requires_role("admin", crate = auth_runtime)]
async fn list() -> String {
    String::new()
}

fn main() {}
