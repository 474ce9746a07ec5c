use auth_runtime::prelude::*;

#[requires_auth]
pub use std::collections::HashMap;

fn main() {}
