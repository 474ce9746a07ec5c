use auth_runtime::prelude::*;

#[public(reason = "a form", same_origin, cross_origin = "a partner sends it")]
async fn login() -> String {
    String::new()
}

fn main() {}
