use auth_runtime::prelude::*;

#[requires(all(acr("a"), acr("b")))]
async fn list() -> String {
    String::new()
}

fn main() {}
