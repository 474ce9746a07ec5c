use auth_runtime::prelude::*;

requirement! {
    owns(id: &u64, author: &u64) = any(role("admin"), check(|id: &u64| *id > 0));
}

fn main() {}
