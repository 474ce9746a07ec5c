use auth_runtime::prelude::*;

#[requires(check(|id: &u64| *id > 0))]
mod inner {
    pub async fn show(user: String) -> String {
        user
    }
}

fn main() {}
