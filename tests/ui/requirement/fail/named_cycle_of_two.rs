use auth_runtime::prelude::*;

requirement! {
    editors = any(role("editor"), authors);
    authors = all(role("author"), editors);
}

fn main() {}
