use auth_runtime::prelude::*;

#[deny_by_default]
mod missing;

fn main() {}
