use auth_runtime::prelude::*;

#[requires_auth]
mod handlers {
    struct Store;

    impl Store {
        async fn open() -> Self {
            Self
        }
    }
}

fn main() {}
