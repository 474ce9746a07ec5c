use auth_runtime::prelude::*;

#[deny_by_default]
mod handlers {
    impl super::List for super::Articles {
        async fn list() -> &'static str {
            "open"
        }
    }
}

trait List {
    async fn list() -> &'static str;
}

struct Articles;

fn main() {}
