use auth_runtime::prelude::*;

struct Controller;

#[requires_auth]
impl Controller {
    #[requires_role("admin")]
    async fn list(&self) -> String {
        String::new()
    }
}

fn main() {}
