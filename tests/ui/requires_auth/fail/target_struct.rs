use auth_runtime::prelude::*;

#[requires_auth]
struct List;

fn main() {}
