use auth_runtime::prelude::*;

macro_rules! handler {
    () => {
        async fn list() -> String {
            String::new()
        }
    };
}

#[requires_auth]
handler!();

fn main() {}
