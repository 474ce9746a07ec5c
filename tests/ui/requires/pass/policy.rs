use actix_web::{App, get, web};
use auth_runtime::prelude::*;

async fn is_author(id: web::Path<u64>, caller: Authenticated) -> Decision {
    Decision::allow_if(caller.subject().len() as u64 == *id)
}

#[get("/{id}")]
#[requires(any(role("admin"), policy(is_author)))]
async fn list() -> &'static str {
    "ok"
}

fn main() {
    let _ = App::new().service(list);
}
