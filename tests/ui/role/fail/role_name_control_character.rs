use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
enum Rank {
    #[role(name = "ad\0min")]
    Admin,
}

fn main() {}
