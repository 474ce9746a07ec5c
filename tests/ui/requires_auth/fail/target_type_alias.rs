use auth_runtime::prelude::*;

#[requires_auth]
type List = u8;

fn main() {}
