use auth_runtime::prelude::*;

#[deny_by_default]
async fn list() -> String {
    String::new()
}

fn main() {}
