use auth_runtime::prelude::*;

requirement! {
    pub CanDelete = role("admin");
}

fn delete_user(_: &Authorized<CanDelete>) {}

fn clean_up() {
    delete_user(&Authorized { principal: Principal::new("root"), requirement: Default::default() });
}

fn main() {}
