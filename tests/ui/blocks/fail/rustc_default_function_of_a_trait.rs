//! A default function of a trait, and a function whose type is that of the impl.
use auth_runtime::prelude::*;

#[deny_by_default]
mod handlers {
    use std::future::{Ready, ready};

    pub trait List {
        type Answer;
        fn list() -> Ready<&'static str> {
            ready("open")
        }
        fn show() -> Self::Answer;
    }

    pub struct Articles;
    impl List for Articles {
        type Answer = Ready<&'static str>;
        fn show() -> Self::Answer {
            ready("open")
        }
    }
}
fn main() {}
