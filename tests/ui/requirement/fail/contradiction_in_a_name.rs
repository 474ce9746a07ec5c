use auth_runtime::prelude::*;

requirement! {
    pub nobody = all(role("a"), not(role("a")));
}

fn main() {}
