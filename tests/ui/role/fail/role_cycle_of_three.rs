//! A circle over three roles, which a fourth leads to.
use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
enum Rank {
    #[role(implies(Admin))]
    Owner,
    #[role(implies(Editor))]
    Admin,
    #[role(implies(Author))]
    Editor,
    #[role(implies(Admin))]
    Author,
}

fn main() {}
