use auth_runtime::prelude::*;

#[requires_role(not())]
async fn list() -> String {
    String::new()
}

fn main() {}
