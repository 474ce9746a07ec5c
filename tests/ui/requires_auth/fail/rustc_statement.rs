//! An attribute on a statement.
use auth_runtime::prelude::*;

fn main() {
    #[requires_auth]
    let number = 1;
}
