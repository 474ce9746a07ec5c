use auth_runtime::prelude::*;

#[requires((role("admin")))]
async fn list() -> String {
    String::new()
}

fn main() {}
