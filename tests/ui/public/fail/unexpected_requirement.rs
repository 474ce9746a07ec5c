use auth_runtime::prelude::*;

#[public("a probe")]
async fn list() -> String {
    String::new()
}

fn main() {}
