use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
enum Rank {
    #[role(name = "admin ")]
    Admin,
}

fn main() {}
