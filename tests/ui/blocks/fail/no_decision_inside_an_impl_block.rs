use auth_runtime::prelude::*;

#[deny_by_default]
mod handlers {
    pub struct Articles;

    impl Articles {
        pub async fn list() -> &'static str {
            "open"
        }
    }
}

fn main() {}
