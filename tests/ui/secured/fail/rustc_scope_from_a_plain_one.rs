//! A plain scope that is to pass for a secured one.
use actix_web::web;
use auth_runtime::SecureScope;

fn main() {
    let _ = SecureScope(web::scope("/api"));
}
