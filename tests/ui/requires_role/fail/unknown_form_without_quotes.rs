//! Roles without quotation marks, in a list.
use auth_runtime::prelude::*;

#[requires_role(any(admin, editor))]
async fn list() -> String {
    String::new()
}

fn main() {}
