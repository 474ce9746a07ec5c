//! An impl for a type that only has the name of one that is declared here.
use auth_runtime::prelude::*;

#[derive(Clone)]
pub struct Show;

#[deny_by_default]
mod handlers {
    use std::future::{Ready, ready};

    #[cfg(any())]
    pub struct Show;
    use super::Show;

    impl actix_web::Handler<()> for Show {
        type Output = &'static str;
        type Future = Ready<&'static str>;

        fn call(&self, _: ()) -> Self::Future {
            ready("open")
        }
    }
}

fn main() {}
