use auth_runtime::prelude::*;

requirement! {
    pub editors = role("editor");
}

#[requires(any(editor, role("admin")))]
async fn list() -> String {
    String::new()
}

fn main() {}
