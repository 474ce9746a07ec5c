use auth_runtime::prelude::*;

macro_rules! handler {
    () => {
        async fn hidden() {}
    };
}

struct Controller;

#[requires_auth]
impl Controller {
    handler!();

    async fn list() -> String {
        String::new()
    }
}

fn main() {}
