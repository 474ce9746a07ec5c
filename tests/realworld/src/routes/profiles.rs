//! A caller who may be anonymous, and two resources.

use actix_web::web;
use auth_runtime::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::AppError;
use crate::store::Store;

pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/profiles/{username}").get(show))
        .service(
            web::resource("/profiles/{username}/follow")
                .post(follow)
                .delete(unfollow),
        );
}

#[derive(Serialize, ToSchema)]
pub struct Profile {
    username: String,
    following: bool,
}

fn set(
    store: &Store,
    username: String,
    caller: &str,
    following: bool,
) -> Result<web::Json<Profile>, AppError> {
    let mut tables = store.tables();
    let user = tables.users.get_mut(&username).ok_or(AppError::NotFound)?;
    user.followers.retain(|name| name != caller);
    if following {
        user.followers.push(caller.to_owned());
    }
    Ok(web::Json(Profile {
        username,
        following,
    }))
}

#[utoipa::path(get, path = "/api/profiles/{username}", responses((status = 200, body = Profile)))]
#[public(reason = "profiles are published")]
pub async fn show(
    username: web::Path<String>,
    store: web::Data<Store>,
    caller: MaybeAuthenticated,
) -> Result<web::Json<Profile>, AppError> {
    let tables = store.tables();
    let user = tables
        .users
        .get(username.as_str())
        .ok_or(AppError::NotFound)?;
    let following = caller
        .principal()
        .is_some_and(|caller| user.followers.iter().any(|name| name == caller.subject()));
    Ok(web::Json(Profile {
        username: user.username.clone(),
        following,
    }))
}

#[utoipa::path(post, path = "/api/profiles/{username}/follow", responses((status = 200, body = Profile)))]
#[requires_auth]
pub async fn follow(
    username: web::Path<String>,
    store: web::Data<Store>,
    caller: Authenticated,
) -> Result<web::Json<Profile>, AppError> {
    set(&store, username.into_inner(), caller.subject(), true)
}

#[utoipa::path(delete, path = "/api/profiles/{username}/follow", responses((status = 200, body = Profile)))]
#[requires_auth]
pub async fn unfollow(
    username: web::Path<String>,
    store: web::Data<Store>,
    caller: Authenticated,
) -> Result<web::Json<Profile>, AppError> {
    set(&store, username.into_inner(), caller.subject(), false)
}
