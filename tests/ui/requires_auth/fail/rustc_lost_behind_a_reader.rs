use auth_runtime::prelude::*;

mod foreign {
    // Outside of tests, `#[test]` drops its function with all that stands on it.
    pub use core::prelude::v1::test as path;
}

#[requires_auth]
#[foreign::path]
async fn list() -> String {
    String::new()
}

fn main() {}
