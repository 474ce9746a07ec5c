//! A handler that is only known by its bound.
use actix_web::{Handler, web};
use auth_runtime::ProtectedScope;

fn mount<H: Handler<(), Output = String>>(handler: H) -> ProtectedScope {
    ProtectedScope::new("/api").route("/", (web::get(), handler))
}

fn main() {}
