//! The routes, by what they are about.

pub mod admin;
pub mod articles;
pub mod comments;
pub mod favorites;
pub mod health;
pub mod profiles;
pub mod tags;
pub mod users;

use actix_web::{HttpResponse, Scope, web};
use auth_runtime::prelude::*;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::error::AppError;

/// Which part of a list is asked for.
#[derive(Deserialize, IntoParams)]
pub struct Page {
    #[serde(default)]
    offset: usize,
    limit: Option<usize>,
}

impl Page {
    pub(crate) fn of<T>(&self, all: impl IntoIterator<Item = T>) -> Vec<T> {
        let limit = self.limit.unwrap_or(20).min(100);
        all.into_iter().skip(self.offset).take(limit).collect()
    }
}

/// Everything below `/api`. What is not there is for actix-web to say.
#[must_use]
pub fn api() -> Scope {
    web::scope("/api")
        .configure(users::configure)
        .configure(profiles::configure)
        .configure(articles::configure)
        .configure(tags::configure)
        .configure(admin::configure)
}

/// The whole, with an answer of its own to what is not there.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .configure(health::configure)
        .service(api().default_service(web::to(no_such_route)))
        .default_service(web::to(no_such_route));
}

/// The answer where nothing is mounted.
#[public(reason = "there is nothing here")]
async fn no_such_route() -> Result<HttpResponse, AppError> {
    Err(AppError::NotFound)
}
