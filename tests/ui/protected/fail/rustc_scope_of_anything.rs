//! A plain scope.
use actix_web::web;
use auth_runtime::ProtectedScope;

fn main() {
    let _ = ProtectedScope::new("/api").service(web::scope("/inner"));
}
