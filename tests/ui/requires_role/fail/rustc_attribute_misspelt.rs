//! A misspelt attribute.
use auth_runtime::prelude::*;

#[require_role("admin")]
async fn list() -> String {
    String::new()
}

fn main() {}
