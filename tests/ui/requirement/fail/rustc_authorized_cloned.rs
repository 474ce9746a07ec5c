use auth_runtime::prelude::*;

requirement! {
    pub CanDelete = role("admin");
}

fn keep(may: &Authorized<CanDelete>) -> Authorized<CanDelete> {
    may.clone()
}

fn main() {}
