use auth_runtime::prelude::*;

#[deny_by_default]
mod api {
    include!("handlers.rs");
}

fn main() {}
