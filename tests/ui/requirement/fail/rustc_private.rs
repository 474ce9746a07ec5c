use auth_runtime::prelude::*;

mod inner {
    use super::*;
    requirement! {
        editors = role("editor");
    }
}

#[requires(inner::editors)]
async fn list() -> String {
    String::new()
}

fn main() {}
