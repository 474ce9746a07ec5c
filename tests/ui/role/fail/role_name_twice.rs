use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
enum Rank {
    #[role(name = "editor")]
    Admin,
    Editor,
}

fn main() {}
