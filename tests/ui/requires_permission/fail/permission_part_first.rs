use auth_runtime::prelude::*;

#[requires_permission(":edit")]
async fn list() -> String {
    String::new()
}

fn main() {}
