use actix_web::{App, get};
use auth_runtime::prelude::*;

#[utoipa::path(responses((status = 200)))]
#[get("/list/{id}")]
#[requires_auth]
async fn list(id: actix_web::web::Path<u64>) -> String {
    id.to_string()
}

#[derive(utoipa::OpenApi)]
#[openapi(paths(list))]
struct Document;

fn main() {
    use utoipa::OpenApi as _;
    assert!(
        Document::openapi()
            .to_json()
            .is_ok_and(|json| json.contains("/list/{id}"))
    );
    let _ = App::new().service(list);
}
