//! A handler without a route attribute, inside of a function.
use auth_runtime::prelude::*;

#[requires_role("admin")]
mod handlers {
    pub async fn proper() -> &'static str {
        async fn inner() -> &'static str {
            "open"
        }
        inner().await
    }
}

fn main() {}
