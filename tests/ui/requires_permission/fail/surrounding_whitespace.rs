use auth_runtime::prelude::*;

#[requires_permission(" articles:edit")]
async fn list() -> String {
    String::new()
}

fn main() {}
