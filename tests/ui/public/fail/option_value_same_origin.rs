use auth_runtime::prelude::*;

#[public(reason = "a form", same_origin = "yes")]
async fn login() -> String {
    String::new()
}

fn main() {}
