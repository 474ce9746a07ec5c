use auth_runtime::prelude::*;

const ADMIN: &str = "admin";

#[requires(role(ADMIN))]
async fn list() -> String {
    String::new()
}

fn main() {}
