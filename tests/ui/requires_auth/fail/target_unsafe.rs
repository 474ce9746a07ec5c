use auth_runtime::prelude::*;

#[requires_auth]
async unsafe fn list() -> String {
    String::new()
}

fn main() {}
