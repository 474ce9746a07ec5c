use auth_runtime::prelude::*;

#[requires_auth]
#[path = "../empty_module.rs"]
mod handlers;

fn main() {}
