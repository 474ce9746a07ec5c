use auth_runtime::prelude::*;

requirement! {
    pub editors = ;
}

fn main() {}
