//! A role without quotation marks.
use auth_runtime::prelude::*;

#[requires_role(admin)]
async fn list() -> String {
    String::new()
}

fn main() {}
