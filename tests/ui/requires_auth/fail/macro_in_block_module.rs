use auth_runtime::prelude::*;

#[requires_auth]
mod handlers {
    thread_local! {
        static LIST: u8 = 0;
    }
}

fn main() {}
