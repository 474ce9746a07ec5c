use auth_runtime::prelude::*;

requirement! {
    pub editors = role("editor")
}

fn main() {}
