use auth_runtime::prelude::*;

#[public(reason = "a probe", reason = "a status page")]
async fn list() -> String {
    String::new()
}

fn main() {}
