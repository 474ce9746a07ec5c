use auth_runtime::prelude::*;

struct Articles;

#[deny_by_default]
impl Articles {
    pub fn list() -> std::future::Ready<&'static str> {
        std::future::ready("open")
    }

    pub const LIST: fn() -> std::future::Ready<&'static str> = Self::list;
}

fn main() {}
