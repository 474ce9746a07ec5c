use auth_runtime::prelude::*;

requirement! {}

fn main() {}
