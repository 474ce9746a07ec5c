use auth_runtime::prelude::*;

struct Controller;

impl Controller {
    #[requires_auth]
    async fn list(&self) -> String {
        String::new()
    }
}

fn main() {}
