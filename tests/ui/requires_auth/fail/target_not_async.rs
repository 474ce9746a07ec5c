use auth_runtime::prelude::*;

#[requires_auth]
fn list() -> String {
    String::new()
}

fn main() {}
