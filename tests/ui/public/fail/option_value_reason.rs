use auth_runtime::prelude::*;

const REASON: &str = "probe";

#[public(reason = REASON)]
async fn list() -> String {
    String::new()
}

fn main() {}
