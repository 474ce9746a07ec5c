use auth_runtime::prelude::*;

requirement! {
    owns() = role("admin");
}

fn main() {}
