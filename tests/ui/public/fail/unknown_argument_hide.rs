use auth_runtime::prelude::*;

#[public(reason = "a probe", hide)]
async fn list() -> String {
    String::new()
}

fn main() {}
