//! Pointers to functions inside of something else, or returned by another.
use auth_runtime::prelude::*;

#[deny_by_default]
mod handlers {
    use std::future::{Ready, ready};
    use std::{borrow::Cow, cell::LazyCell, collections::BTreeSet};

    type Open = fn() -> Ready<&'static str>;

    pub const RETURNED: fn() -> Open = || || ready("open");
    pub const BORROWED: Cow<'static, [Open]> = Cow::Borrowed(&[]);
    pub const LAST: (u8, u8, u8, u8, u8, u8, Option<Open>) = (1, 1, 1, 1, 1, 1, None);

    pub fn sorted() -> BTreeSet<Open> { BTreeSet::new() }

    pub fn lazily() -> LazyCell<Open> { LazyCell::new(|| || ready("open")) }

    pub fn routes() -> Vec<fn(&mut actix_web::web::ServiceConfig)> { Vec::new() }
}

fn main() {}
