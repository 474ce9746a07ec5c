//! A type that is a handler, whatever its trait is called here.
use auth_runtime::prelude::*;

#[deny_by_default]
mod handlers {
    use actix_web::Handler as Something;
    use std::future::{Ready, ready};

    #[derive(Clone)]
    pub struct Open;

    impl Something<()> for Open {
        type Output = &'static str;
        type Future = Ready<&'static str>;

        fn call(&self, (): ()) -> Self::Future {
            ready("open")
        }
    }
}

fn main() {}
