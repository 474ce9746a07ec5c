//! An argument that has the name of a guard is none.
use auth_runtime::prelude::*;

pub mod __private {
    use std::{future::{Ready, ready}, marker::PhantomData};
    use actix_web::{FromRequest, HttpRequest, dev::Payload};

    pub struct Guarded<S, A>(PhantomData<(S, A)>);

    impl<S, A> FromRequest for Guarded<S, A> {
        type Error = actix_web::Error;
        type Future = Ready<Result<Self, Self::Error>>;
        fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future { ready(Ok(Self(PhantomData))) }
    }
}

#[deny_by_default]
mod handlers {
    pub struct __auth_open;

    pub async fn open(_: super::__private::Guarded<__auth_open, ()>) {}
}

fn main() {}
