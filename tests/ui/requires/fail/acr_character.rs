use auth_runtime::prelude::*;

#[requires(acr("urn:example:a urn:example:b"))]
async fn list() -> String {
    String::new()
}

fn main() {}
