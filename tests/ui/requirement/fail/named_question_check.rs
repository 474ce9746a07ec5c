use auth_runtime::prelude::*;

requirement! {
    pub owners = check(|user, body| body.from == user.subject());
}

fn main() {}
