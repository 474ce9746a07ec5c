use auth_runtime::prelude::*;

#[requires_auth]
static LIST: u8 = 0;

fn main() {}
