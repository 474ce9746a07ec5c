//! Route attributes, in both orders.

use actix_web::{HttpResponse, get, post, put, web};
use auth_runtime::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::AppError;
use crate::store::{Store, User};

pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(register)
        .service(login)
        .service(show)
        .service(update);
}

#[derive(Deserialize, ToSchema)]
pub struct Login {
    username: String,
}

#[derive(Serialize, ToSchema)]
pub struct Token {
    token: String,
}

#[utoipa::path(request_body = User, responses((status = 201, body = User)), context_path = "/api")]
#[post("/users")]
#[public(reason = "to register")]
pub async fn register(
    user: web::Json<User>,
    store: web::Data<Store>,
) -> Result<HttpResponse, AppError> {
    let mut tables = store.tables();
    if tables.users.contains_key(&user.username) {
        return Err(AppError::Taken);
    }
    tables.users.insert(user.username.clone(), user.clone());
    Ok(HttpResponse::Created().json(user))
}

#[public(reason = "to log in")]
#[utoipa::path(request_body = Login, responses((status = 200, body = Token)), context_path = "/api")]
#[post("/users/login")]
pub async fn login(login: web::Json<Login>) -> web::Json<Token> {
    web::Json(Token {
        token: format!("token-of-{}", login.username),
    })
}

#[utoipa::path(responses((status = 200, body = User)), context_path = "/api")]
#[get("/user")]
#[requires_auth]
pub async fn show(
    caller: Authenticated,
    store: web::Data<Store>,
) -> Result<web::Json<User>, AppError> {
    let tables = store.tables();
    let user = tables
        .users
        .get(caller.subject())
        .ok_or(AppError::NotFound)?;
    Ok(web::Json(user.clone()))
}

#[requires_auth]
#[utoipa::path(request_body = User, responses((status = 200, body = User)), context_path = "/api")]
#[put("/user")]
pub async fn update(
    caller: Authenticated,
    changed: web::Json<User>,
    store: web::Data<Store>,
) -> Result<web::Json<User>, AppError> {
    let mut tables = store.tables();
    let user = tables
        .users
        .get_mut(caller.subject())
        .ok_or(AppError::NotFound)?;
    user.bio.clone_from(&changed.bio);
    Ok(web::Json(user.clone()))
}
