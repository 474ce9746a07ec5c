use auth_runtime::prelude::*;

#[requires(scheme(Bearer, Basic))]
async fn list() -> String {
    String::new()
}

fn main() {}
