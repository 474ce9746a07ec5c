use auth_runtime::prelude::*;

requirement! {
    editors = any(role("editor"), not(editors));
}

fn main() {}
