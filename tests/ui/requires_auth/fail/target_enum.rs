use auth_runtime::prelude::*;

#[requires_auth]
enum List {}

fn main() {}
