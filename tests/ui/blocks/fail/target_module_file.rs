use auth_runtime::prelude::*;

#[deny_by_default]
mod handlers {
    pub mod articles;
}

fn main() {}
