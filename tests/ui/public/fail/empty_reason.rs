use auth_runtime::prelude::*;

#[public(reason = "")]
async fn list() -> String {
    String::new()
}

fn main() {}
