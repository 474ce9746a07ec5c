//! A handler without a route attribute.
use auth_runtime::prelude::*;

#[deny_by_default]
mod handlers {
    pub async fn raw() -> &'static str {
        "open"
    }
}

fn main() {}
