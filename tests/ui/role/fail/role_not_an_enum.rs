use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
struct Rank;

fn main() {}
