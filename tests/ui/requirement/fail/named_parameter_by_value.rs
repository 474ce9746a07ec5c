use auth_runtime::prelude::*;

requirement! {
    owns(id: web::Path<u64>) = check(|id: &web::Path<u64>| **id > 0);
}

fn main() {}
