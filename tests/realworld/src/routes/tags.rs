//! A guard beside the method.

use actix_web::{guard, web};
use auth_runtime::prelude::*;

use crate::store::Store;

pub fn configure(config: &mut web::ServiceConfig) {
    config.service(
        web::scope("/tags").route("", web::get().to(index)).route(
            "",
            web::put()
                .guard(guard::Header("content-type", "application/json"))
                .to(update),
        ),
    );
}

#[utoipa::path(get, path = "/api/tags", responses((status = 200, body = [String])))]
#[public(reason = "the front page")]
pub async fn index(store: web::Data<Store>) -> web::Json<Vec<String>> {
    web::Json(store.tables().tags.clone())
}

#[utoipa::path(put, path = "/api/tags", request_body = [String], responses((status = 200, body = [String])))]
#[requires_role("admin")]
pub async fn update(
    tags: web::Json<Vec<String>>,
    store: web::Data<Store>,
) -> web::Json<Vec<String>> {
    store.tables().tags.clone_from(&tags);
    tags
}
