use auth_runtime::prelude::*;

requirement! {
    owns(article: &u64) = check(|user: &Principal, artcle: &u64| user.subject() == artcle.to_string());
}

fn main() {}
