//! A module in a file of its own.
use auth_runtime::prelude::*;

#[deny_by_default]
mod missing;

fn main() {}
