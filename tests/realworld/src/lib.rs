//! A blogging application, shaped like those of <https://realworld-docs.netlify.app>: articles,
//! comments, favorites, profiles, tags and users, each in a file of its own.

pub mod docs;
pub mod error;
pub mod routes;
pub mod store;

use actix_web::web;
use auth_runtime::prelude::*;
use auth_runtime::{ConfigurationError, VerifyError};

use crate::error::AppError;

/// How callers are authenticated.
///
/// # Errors
///
/// Where the configuration is wrong.
pub fn authentication() -> Result<Auth, ConfigurationError> {
    Auth::builder()
        .realm("conduit")
        .scheme(Bearer::new(|token: Secret<'static>| async move {
            Ok::<_, VerifyError>(store::find_session(token.expose()))
        }))
        .build()
}

/// Everything of the app but its middleware.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .app_data(
            web::JsonConfig::default()
                .limit(64 * 1024)
                .error_handler(|error, _| AppError::Invalid(error.to_string()).into()),
        )
        .app_data(
            web::QueryConfig::default()
                .error_handler(|error, _| AppError::Invalid(error.to_string()).into()),
        )
        .configure(routes::configure);
}
