use auth_runtime::prelude::*;

requirement! {
    owns(id: &u64) = check(|id: &u64| id.to_string());
}

fn main() {}
