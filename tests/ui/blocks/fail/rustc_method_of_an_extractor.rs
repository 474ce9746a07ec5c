//! An instance can be an extractor.
use actix_web::{Error, FromRequest, HttpRequest, dev::Payload};
use auth_runtime::prelude::*;
use std::future::{Ready, ready};

struct Context;

impl FromRequest for Context {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self))
    }
}

#[deny_by_default]
impl Context {
    async fn list(self) -> &'static str {
        "open"
    }
}

fn main() {}
