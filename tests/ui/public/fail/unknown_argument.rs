use auth_runtime::prelude::*;

#[public(raeson = "a probe")]
async fn list() -> String {
    String::new()
}

fn main() {}
