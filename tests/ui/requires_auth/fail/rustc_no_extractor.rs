//! An argument that is no extractor.
use auth_runtime::prelude::*;

struct Page;

#[requires_auth]
async fn list(_page: Page) -> String {
    String::new()
}

fn mount() -> actix_web::Route {
    actix_web::web::get().to(list)
}

fn main() {}
