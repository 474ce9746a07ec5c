use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
enum Rank {
    #[role(grants("art*:edit"))]
    Admin,
}

fn main() {}
