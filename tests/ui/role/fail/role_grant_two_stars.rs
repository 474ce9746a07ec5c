use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
enum Rank {
    #[role(grants("articles:**", "articles:*x"))]
    Admin,
}

fn main() {}
