use auth_runtime::prelude::*;

requirement! {
    owns = check(|user: &Principal, id: &u64| user.subject() == id.to_string());
}

fn main() {}
