use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
enum Rank {
    #[role(name = "a", name = "b")]
    Admin,
}

fn main() {}
