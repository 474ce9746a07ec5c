//! A role as if it were an option.
use auth_runtime::prelude::*;

#[requires(role = "admin")]
async fn list() -> String {
    String::new()
}

fn main() {}
