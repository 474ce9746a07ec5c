use auth_runtime::prelude::*;

requirement! {
    owns(type: &u64) = check(|user| user.has_role("owner"));
}

fn main() {}
