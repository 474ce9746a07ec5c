use auth_runtime::prelude::*;

#[requires_auth(cross_origin = " ")]
async fn change() -> String {
    String::new()
}

fn main() {}
