use auth_runtime::prelude::*;

struct Users;

#[deny_by_default]
impl Users {
    #[requires_auth]
    pub async fn list(&self) -> String {
        String::new()
    }
}

fn main() {}
