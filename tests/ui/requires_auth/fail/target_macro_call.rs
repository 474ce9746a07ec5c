use auth_runtime::prelude::*;

#[requires_auth]
thread_local! {
    static LIST: u8 = 0;
}

fn main() {}
