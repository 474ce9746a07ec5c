use auth_runtime::prelude::*;

#[requires_auth(same_origin)]
async fn change() -> String {
    String::new()
}

fn main() {}
