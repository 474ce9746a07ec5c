//! The OpenAPI document.

use auth_runtime::Auth;
use auth_runtime::review::openapi::{DocumentError, DocumentSecurity};
use utoipa::OpenApi;

use crate::routes::{admin, articles, comments, favorites, health, profiles, tags, users};

#[derive(OpenApi)]
#[openapi(
    info(title = "Conduit", version = "1.0.0"),
    paths(
        health::health,
        users::register,
        users::login,
        users::show,
        users::update,
        profiles::show,
        profiles::follow,
        profiles::unfollow,
        articles::index,
        articles::feed,
        articles::show,
        articles::create,
        articles::update,
        articles::delete,
        favorites::handlers::create,
        favorites::handlers::delete,
        comments::handlers::index,
        comments::handlers::create,
        comments::handlers::update,
        comments::handlers::delete,
        tags::index,
        tags::update,
        admin::handlers::index,
        admin::handlers::update,
        admin::handlers::delete,
    )
)]
struct Document;

/// The document without the decisions of the attributes.
#[must_use]
pub fn bare() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// The document.
///
/// # Errors
///
/// Where an operation has no decision.
pub fn document(auth: &Auth) -> Result<utoipa::openapi::OpenApi, DocumentError> {
    let mut document = bare();
    DocumentSecurity::registered(auth).apply(&mut document)?;
    Ok(document)
}
