//! A module in a file of its own.
use auth_runtime::prelude::*;

#[requires_auth]
#[path = "../empty_module.rs"]
mod handlers;

fn main() {}
