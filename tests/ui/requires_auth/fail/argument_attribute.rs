use auth_runtime::prelude::*;

#[requires_auth]
async fn list(#[cfg(debug_assertions)] _body: String) -> String {
    String::new()
}

fn main() {}
