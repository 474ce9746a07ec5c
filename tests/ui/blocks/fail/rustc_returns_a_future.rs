//! A function that returns a future can be mounted.
use auth_runtime::prelude::*;

#[requires_role("admin")]
mod handlers {
    use std::future::{Ready, ready};

    pub async fn proper() -> &'static str {
        "proper"
    }

    pub fn open() -> Ready<&'static str> {
        ready("open")
    }
}

fn main() {}
