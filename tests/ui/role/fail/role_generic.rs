use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
enum Rank<const N: usize> {
    Admin,
}

fn main() {}
