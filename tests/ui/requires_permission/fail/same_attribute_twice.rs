use auth_runtime::prelude::*;

#[requires_permission("a:read")]
#[requires_permission("a:edit")]
async fn list() -> String {
    String::new()
}

fn main() {}
