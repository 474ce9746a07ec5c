//! A role without anything around it: the name of a requirement that there is not.
use auth_runtime::prelude::*;

#[requires(admin)]
async fn list() -> String {
    String::new()
}

fn main() {}
