use auth_runtime::prelude::*;

#[requires_scope("artículos:leer")]
async fn list() -> String {
    String::new()
}

fn main() {}
