//! A constant that is a function, alone or inside of others.
use auth_runtime::prelude::*;

#[deny_by_default]
mod handlers {
    use std::future::{Ready, ready};

    pub const OPEN: fn() -> Ready<&'static str> = || ready("open");
    pub static FIRST: (u8, Option<fn() -> Ready<&'static str>>) = (1, None);
    pub const DYNAMIC: &dyn Fn() -> Ready<&'static str> = &|| ready("open");
    pub struct Table {
        pub list: [fn() -> Ready<&'static str>; 1],
    }
}

fn main() {}
