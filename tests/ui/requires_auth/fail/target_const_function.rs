use auth_runtime::prelude::*;

#[requires_auth]
const fn list() -> String {
    String::new()
}

fn main() {}
