//! The signature does not tell that the function stands in an impl block.
use auth_runtime::prelude::*;

struct Controller;

impl Controller {
    #[requires_auth]
    async fn list() -> String {
        String::new()
    }
}

fn main() {}
