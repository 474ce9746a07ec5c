//! A plain scope that is to pass for a protected one.
use actix_web::web;
use auth_runtime::ProtectedScope;

fn main() {
    let _ = ProtectedScope(web::scope("/api"));
}
