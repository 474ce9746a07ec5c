//! A module in which every handler says who may call it.

use actix_web::web;

pub fn configure(config: &mut web::ServiceConfig) {
    config.service(
        web::scope("/admin/users")
            .route("", web::get().to(handlers::index))
            .route("/{username}", web::put().to(handlers::update))
            .service(handlers::delete),
    );
}

#[auth_runtime::deny_by_default]
pub mod handlers {
    use actix_web::{HttpResponse, delete, web};
    use auth_runtime::prelude::*;

    use crate::error::AppError;
    use crate::routes::Page;
    use crate::store::{Store, User};

    #[utoipa::path(get, path = "/api/admin/users", params(Page), responses((status = 200, body = [User])))]
    #[requires_role("admin")]
    pub async fn index(page: web::Query<Page>, store: web::Data<Store>) -> web::Json<Vec<User>> {
        web::Json(page.of(store.tables().users.values().cloned()))
    }

    #[utoipa::path(put, path = "/api/admin/users/{username}", request_body = User, responses((status = 200, body = User)))]
    #[requires_role("admin")]
    pub async fn update(
        username: web::Path<String>,
        changed: web::Json<User>,
        store: web::Data<Store>,
    ) -> Result<web::Json<User>, AppError> {
        let mut tables = store.tables();
        let user = tables
            .users
            .get_mut(username.as_str())
            .ok_or(AppError::NotFound)?;
        user.bio.clone_from(&changed.bio);
        Ok(web::Json(user.clone()))
    }

    #[utoipa::path(responses((status = 204)), context_path = "/api/admin/users")]
    #[delete("/{username}")]
    #[requires(all(role("admin"), max_age("15m")))]
    pub async fn delete(
        username: web::Path<String>,
        store: web::Data<Store>,
    ) -> Result<HttpResponse, AppError> {
        let removed = store.tables().users.remove(username.as_str());
        removed
            .map(|_| HttpResponse::NoContent().finish())
            .ok_or(AppError::NotFound)
    }
}
