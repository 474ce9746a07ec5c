use auth_runtime::prelude::*;

#[requires_auth]
const LIST: u8 = 0;

fn main() {}
