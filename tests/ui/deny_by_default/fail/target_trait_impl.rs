use auth_runtime::prelude::*;

struct Users;

trait List {
    async fn list() -> String;
}

#[deny_by_default]
impl List for Users {
    async fn list() -> String {
        String::new()
    }
}

fn main() {}
