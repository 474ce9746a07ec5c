use auth_runtime::prelude::*;

#[deny_by_default]
mod handlers {
    pub trait List {
        #[auth_runtime::requires_auth]
        async fn list() -> &'static str {
            "list"
        }
    }
}

fn main() {}
