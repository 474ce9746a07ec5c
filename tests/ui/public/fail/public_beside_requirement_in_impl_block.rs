use auth_runtime::prelude::*;

struct Controller;

#[requires_auth]
impl Controller {
    #[public(reason = "a probe")]
    async fn list() -> String {
        String::new()
    }
}

fn main() {}
