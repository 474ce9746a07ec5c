use auth_runtime::prelude::*;

#[requires_scope("articles\"read")]
async fn list() -> String {
    String::new()
}

fn main() {}
