//! An attribute that is called `test` makes no test.
use auth_runtime::prelude::*;

#[deny_by_default]
mod handlers {
    use tracing::instrument as test;

    pub trait List {
        #[test]
        async fn list() -> &'static str {
            "open"
        }
    }
}

fn main() {}
