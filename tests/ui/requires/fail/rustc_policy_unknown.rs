//! A policy that there is not.
use auth_runtime::prelude::*;

#[requires(policy(is_autor))]
async fn list() -> String {
    String::new()
}

fn main() {}
