//! A role that the enum does not have.
use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
enum Rank {
    Admin,
    Editor,
}

#[requires_role(Rank::Edtor)]
async fn edit() -> String {
    String::new()
}

fn main() {}
