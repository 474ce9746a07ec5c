use auth_runtime::prelude::*;

#[requires_auth]
async extern "C" fn list() -> String {
    String::new()
}

fn main() {}
