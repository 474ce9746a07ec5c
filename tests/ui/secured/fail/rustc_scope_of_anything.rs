//! A plain scope.
use actix_web::web;
use auth_runtime::SecureScope;

fn main() {
    let _ = SecureScope::new("/api").service(web::scope("/inner"));
}
