use auth_runtime::prelude::*;

#[requires(all(role("admin"), scope("s"), role("admin")))]
async fn list() -> String {
    String::new()
}

fn main() {}
