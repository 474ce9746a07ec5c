use auth_runtime::prelude::*;

requirement! {
    pub editors = role("editor");
}

#[requires(all(editors, not(editors)))]
async fn list() -> String {
    String::new()
}

fn main() {}
