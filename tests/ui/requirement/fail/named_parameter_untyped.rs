use auth_runtime::prelude::*;

requirement! {
    owns(id) = check(|user, id| user.subject() == id);
}

fn main() {}
