use auth_runtime::prelude::*;

requirement! {
    owns = policy(str::len);
}

fn main() {}
