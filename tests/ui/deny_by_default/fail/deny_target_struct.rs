use auth_runtime::prelude::*;

#[deny_by_default]
struct Api;

fn main() {}
