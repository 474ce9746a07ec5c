//! Two variants whose names in kebab-case are the same.
use auth_runtime::prelude::*;

#[derive(Clone, Copy, Role)]
#[allow(non_camel_case_types)]
enum Rank {
    SuperAdmin,
    Super_Admin,
}

fn main() {}
