use auth_runtime::prelude::*;

requirement! {
    pub authors = any(role("admin"), policy(is_author));
}

fn main() {}
