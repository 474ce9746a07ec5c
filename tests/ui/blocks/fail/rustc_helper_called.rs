//! An `async fn` of the block is a handler, which only a request can call.
use auth_runtime::prelude::*;

#[requires_role("admin")]
mod handlers {
    pub async fn list() -> usize {
        load().await
    }

    async fn load() -> usize {
        3
    }
}

fn main() {}
