use actix_web::{App, web};
use auth_runtime::{requires_auth as known, requires_role};

#[requires_role("admin")]
#[known]
async fn list(id: web::Path<u64>) -> String {
    id.to_string()
}

fn main() {
    let _ = App::new().route("/{id}", web::get().to(list));
}
