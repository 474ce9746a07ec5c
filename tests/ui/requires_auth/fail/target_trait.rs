use auth_runtime::prelude::*;

#[requires_auth]
trait List {}

fn main() {}
