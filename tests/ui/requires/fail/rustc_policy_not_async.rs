//! A policy that is not `async`.
use auth_runtime::prelude::*;

fn is_author() -> Decision {
    Decision::deny("nobody is")
}

#[requires(policy(is_author))]
async fn list() -> String {
    String::new()
}

fn main() {}
