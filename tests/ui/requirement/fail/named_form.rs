use auth_runtime::prelude::*;

requirement! {
    pub editors: any(role("editor"), role("admin"));
}

fn main() {}
