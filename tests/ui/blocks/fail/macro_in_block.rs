use auth_runtime::prelude::*;

#[deny_by_default]
mod handlers {
    thread_local! {
        static COUNT: u8 = const { 0 };
    }
}

fn main() {}
