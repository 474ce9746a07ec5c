use auth_runtime::prelude::*;

#[requires_role(all("admin", not("admin")))]
async fn list() -> String {
    String::new()
}

fn main() {}
