use auth_runtime::prelude::*;

struct Users;

#[deny_by_default]
impl Users {
    pub async fn list() -> String {
        String::new()
    }
}

fn main() {}
