//! An impl for one instance of a generic type.
use auth_runtime::prelude::*;

#[deny_by_default]
mod handlers {
    use std::future::{Ready, ready};

    #[derive(Clone)]
    pub struct Show<T>(T);

    impl actix_web::Handler<()> for Show<u8> {
        type Output = &'static str;
        type Future = Ready<&'static str>;

        fn call(&self, _: ()) -> Self::Future {
            ready("open")
        }
    }
}

fn main() {}
