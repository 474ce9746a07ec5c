use auth_runtime::prelude::*;

#[requires(authenticated())]
async fn list() -> String {
    String::new()
}

fn main() {}
