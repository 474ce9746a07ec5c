use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
enum Rank {}

fn main() {}
