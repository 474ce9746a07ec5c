use auth_runtime::prelude::*;

requirement! {
    pub CanDelete = role("admin");
}

#[requires(any(CanDelete, role("editor")))]
async fn list(may: Authorized<CanDelete>) -> String {
    may.principal().subject().to_owned()
}

fn main() {}
