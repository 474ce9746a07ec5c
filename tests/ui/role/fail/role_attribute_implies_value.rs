use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
enum Rank {
    #[role(implies = Editor)]
    Admin,
    Editor,
}

fn main() {}
