use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
enum Rank {
    Admin { since: u32 },
}

fn main() {}
