//! What a generic parameter stands for may be an extractor.
use auth_runtime::prelude::*;

#[deny_by_default]
mod handlers {
    pub fn open<T>(_: T) -> impl Future<Output = &'static str> {
        async { "open" }
    }
}

fn main() {}
