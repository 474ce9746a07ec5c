use auth_runtime::prelude::*;

#[requires_role("admin")]
mod handlers {
    pub async fn proper() -> &'static str {
        "proper"
    }

    pub trait List {
        async fn list() -> &'static str {
            "open"
        }
    }
}

fn main() {}
