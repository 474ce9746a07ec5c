use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
pub enum Role {
    Admin,
    Editor,
}

#[requires_role("edtor")]
mod outer {
    pub struct Controller;

    #[auth_runtime::deny_by_default(roles = super::Role)]
    #[auth_runtime::requires_auth]
    impl Controller {
        pub async fn list() -> String {
            String::new()
        }
    }
}

fn main() {}
