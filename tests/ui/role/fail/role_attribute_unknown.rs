use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
enum Rank {
    #[role(grant("articles:*"))]
    Admin,
}

fn main() {}
