use auth_runtime::prelude::*;

#[requires_auth]
mod handlers {
    fn helper() {}
}

fn main() {}
