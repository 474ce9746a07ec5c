use auth_runtime::prelude::*;

trait Controller {
    #[requires_auth]
    async fn list() -> String;
}

fn main() {}
