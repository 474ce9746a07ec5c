use auth_runtime::prelude::*;

requirement! {
    pub CanDelete = role("admin");
}

requirement! {
    pub CanRead = role("reader");
}

fn delete_user(_: &Authorized<CanDelete>) {}

#[requires(CanRead)]
async fn list(may: Authorized<CanRead>) -> &'static str {
    delete_user(&may);
    "deleted"
}

fn main() {}
