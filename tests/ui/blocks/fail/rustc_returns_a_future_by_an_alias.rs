//! The compiler sees through an alias.
use auth_runtime::prelude::*;

#[deny_by_default]
mod handlers {
    type Answer = std::future::Ready<&'static str>;

    pub fn open(_: String) -> Answer {
        std::future::ready("open")
    }
}

fn main() {}
