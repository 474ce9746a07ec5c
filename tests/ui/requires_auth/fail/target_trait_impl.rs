use auth_runtime::prelude::*;

trait List {
    async fn list() -> String;
}

struct Controller;

#[requires_auth]
impl List for Controller {
    async fn list() -> String {
        String::new()
    }
}

fn main() {}
