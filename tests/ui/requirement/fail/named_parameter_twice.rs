use auth_runtime::prelude::*;

requirement! {
    owns(id: &u64, id: &u64) = check(|id: &u64| *id > 0);
}

fn main() {}
