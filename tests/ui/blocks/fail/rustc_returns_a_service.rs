//! Functions that return what is mounted.
use auth_runtime::prelude::*;

#[deny_by_default]
mod handlers {
    use actix_web::{Route, Scope, dev::HttpServiceFactory, web};

    pub fn scope() -> Scope {
        web::scope("")
    }

    pub fn service() -> impl HttpServiceFactory {
        web::resource("/")
    }

    pub fn routes() -> Vec<Option<Route>> {
        vec![Some(web::get().to(|| async { "open" }))]
    }
}

fn main() {}
