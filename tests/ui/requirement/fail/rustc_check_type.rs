use auth_runtime::prelude::*;

requirement! {
    owns(id: &u64) = check(|id: &u32| *id > 0);
}

fn main() {}
