//! A service that was forgotten.
use actix_web::get;
use auth_runtime::SecureScope;

#[get("/")]
async fn list() -> &'static str {
    "forgotten"
}

fn main() {
    let _ = SecureScope::new("/api").service(list);
}
