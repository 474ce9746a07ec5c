use auth_runtime::prelude::*;

#[requires_auth]
fn list() -> impl Future<Output = String> {
    async { String::new() }
}

fn main() {}
