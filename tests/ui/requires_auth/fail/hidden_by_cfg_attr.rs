use auth_runtime::prelude::*;

struct Controller;

#[requires_auth]
impl Controller {
    #[cfg_attr(debug_assertions, requires_role("admin"))]
    async fn list() -> String {
        String::new()
    }
}

fn main() {}
