use auth_runtime::prelude::*;

#[requires_role(any())]
async fn list() -> String {
    String::new()
}

fn main() {}
