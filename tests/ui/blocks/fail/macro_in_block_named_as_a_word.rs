//! `union` and `auto` are no keywords, so that macros and modules have these names.
use auth_runtime::prelude::*;

macro_rules! union {
    () => { pub async fn open() -> &'static str { "open" } };
}

mod auto {
    pub(crate) use union;
}

#[requires_role("admin")]
mod handlers {
    use crate::auto;

    pub async fn proper() {}

    union!();

    auto::union!();
}

fn main() {}
