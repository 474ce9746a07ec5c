use auth_runtime::prelude::*;

#[requires_role("ad\0min")]
async fn list() -> String {
    String::new()
}

fn main() {}
