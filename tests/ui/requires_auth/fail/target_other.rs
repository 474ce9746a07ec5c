use auth_runtime::prelude::*;

#[requires_auth]
extern crate core;

fn main() {}
