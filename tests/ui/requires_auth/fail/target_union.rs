use auth_runtime::prelude::*;

#[requires_auth]
union List {
    number: u8,
}

fn main() {}
