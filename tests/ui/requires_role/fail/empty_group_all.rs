use auth_runtime::prelude::*;

#[requires_role(all())]
async fn list() -> String {
    String::new()
}

fn main() {}
