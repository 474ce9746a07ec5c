//! A service that was forgotten.
use actix_web::get;
use auth_runtime::ProtectedScope;

#[get("/")]
async fn list() -> &'static str {
    "forgotten"
}

fn main() {
    let _ = ProtectedScope::new("/api").service(list);
}
