use auth_runtime::prelude::*;

requirement! {
    owns(id: &mut u64) = check(|id: &u64| *id > 0);
}

fn main() {}
