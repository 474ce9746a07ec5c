//! A closure cannot have an attribute.
use auth_runtime::prelude::*;

async fn list() -> String {
    String::new()
}

fn main() {
    let handler = #[requires_auth]
    || list();
}
