use auth_runtime::prelude::*;

#[requires_auth]
async fn list(_caller: Option<MaybeAuthenticated>) -> String {
    String::new()
}

fn main() {}
