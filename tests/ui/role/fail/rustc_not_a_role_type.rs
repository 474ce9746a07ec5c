use auth_runtime::prelude::*;

enum Color {
    Red,
}

#[requires_role(Color::Red)]
async fn edit() -> String {
    String::new()
}

fn main() {}
