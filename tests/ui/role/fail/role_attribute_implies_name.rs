use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
enum Rank {
    #[role(implies("editor"))]
    Admin,
    Editor,
}

fn main() {}
