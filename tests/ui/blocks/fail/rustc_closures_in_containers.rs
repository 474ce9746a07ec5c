//! Functions that return closures inside of something else.
use auth_runtime::prelude::*;

#[deny_by_default]
mod handlers {
    use std::future::{Ready, ready};

    pub fn optional() -> Option<impl Fn() -> Ready<&'static str> + Clone> {
        Some(|| ready("open"))
    }

    pub fn several() -> Vec<impl Fn() -> Ready<&'static str> + Clone> {
        vec![|| ready("open")]
    }

    pub fn paired() -> (u8, impl Fn(String) -> Ready<String> + Clone) {
        (1, ready)
    }

    pub fn of_any<T: Clone>(_: T) -> Result<[impl Fn() -> Ready<&'static str> + Clone; 1], T> {
        Ok([|| ready("open")])
    }
}

fn main() {}
