use auth_runtime::prelude::*;

#[public(reason = "a probe")]
#[public(reason = "a status page")]
async fn list() -> String {
    String::new()
}

fn main() {}
