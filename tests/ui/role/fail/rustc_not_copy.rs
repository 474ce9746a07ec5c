//! A role type that is not `Copy`.
use auth_runtime::prelude::*;

#[derive(Role)]
enum Rank {
    Admin,
}

fn main() {}
