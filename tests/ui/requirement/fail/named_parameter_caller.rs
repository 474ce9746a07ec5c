use auth_runtime::prelude::*;

requirement! {
    owns(user: &str) = check(|user: &Principal| user.subject() == "ada");
}

fn main() {}
