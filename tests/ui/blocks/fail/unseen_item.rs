use auth_runtime::prelude::*;

#[requires_role("admin")]
mod handlers {
    use std::future::{Ready, ready};

    pub async fn proper() -> &'static str {
        "proper"
    }

    pub unsafe fn open() -> Ready<&'static str> {
        ready("open")
    }

    pub static mut OPEN: fn() -> Ready<&'static str> = || ready("open");
}

fn main() {}
