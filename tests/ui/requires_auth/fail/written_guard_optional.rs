use auth_runtime::prelude::*;

#[requires_auth]
async fn list(_guard: Option<auth_runtime::__private::Guarded<Other, ()>>) -> String {
    String::new()
}

fn main() {}
