//! A scope in a scope, an attribute on the module, and one handler that overrides it.

use actix_web::web;

pub fn configure(config: &mut web::ServiceConfig) {
    config.service(
        web::scope("/comments")
            .route("", web::get().to(handlers::index))
            .route("", web::post().to(handlers::create))
            .route("/{id}", web::put().to(handlers::update))
            .route("/{id}", web::delete().to(handlers::delete)),
    );
}

#[auth_runtime::requires_auth]
pub mod handlers {
    use actix_web::{HttpResponse, web};
    use auth_runtime::prelude::*;

    use crate::error::AppError;
    use crate::store::{Comment, Store};

    type Place = web::Path<(String, u64)>;

    #[not_a_handler]
    async fn is_author(place: Place, store: web::Data<Store>, caller: Authenticated) -> Decision {
        let tables = store.tables();
        let article = tables.articles.get(&place.0);
        let comment =
            article.and_then(|article| article.comments.iter().find(|each| each.id == place.1));
        Decision::allow_if(comment.is_none_or(|comment| comment.author == caller.subject()))
    }

    #[utoipa::path(get, path = "/api/articles/{slug}/comments", responses((status = 200, body = [Comment])))]
    #[public(reason = "comments are published", overrides)]
    pub async fn index(
        slug: web::Path<String>,
        store: web::Data<Store>,
    ) -> Result<web::Json<Vec<Comment>>, AppError> {
        let tables = store.tables();
        let article = tables
            .articles
            .get(slug.as_str())
            .ok_or(AppError::NotFound)?;
        Ok(web::Json(article.comments.clone()))
    }

    #[utoipa::path(post, path = "/api/articles/{slug}/comments", request_body = Comment, responses((status = 201, body = Comment)))]
    pub async fn create(
        slug: web::Path<String>,
        comment: web::Json<Comment>,
        store: web::Data<Store>,
        caller: Authenticated,
    ) -> Result<HttpResponse, AppError> {
        let mut tables = store.tables();
        let article = tables
            .articles
            .get_mut(slug.as_str())
            .ok_or(AppError::NotFound)?;
        let id = article
            .comments
            .iter()
            .map(|comment| comment.id)
            .max()
            .unwrap_or(0)
            + 1;
        let comment = Comment {
            id,
            author: caller.subject().to_owned(),
            ..comment.into_inner()
        };
        article.comments.push(comment.clone());
        Ok(HttpResponse::Created().json(comment))
    }

    #[utoipa::path(put, path = "/api/articles/{slug}/comments/{id}", request_body = Comment, responses((status = 200, body = Comment)))]
    #[requires(policy(is_author))]
    pub async fn update(
        place: Place,
        changed: web::Json<Comment>,
        store: web::Data<Store>,
    ) -> Result<web::Json<Comment>, AppError> {
        let mut tables = store.tables();
        let article = tables
            .articles
            .get_mut(&place.0)
            .ok_or(AppError::NotFound)?;
        let comment = article
            .comments
            .iter_mut()
            .find(|each| each.id == place.1)
            .ok_or(AppError::NotFound)?;
        comment.body.clone_from(&changed.body);
        Ok(web::Json(comment.clone()))
    }

    #[utoipa::path(delete, path = "/api/articles/{slug}/comments/{id}", responses((status = 204)))]
    #[requires(any(role("admin"), policy(is_author)))]
    pub async fn delete(place: Place, store: web::Data<Store>) -> Result<HttpResponse, AppError> {
        let mut tables = store.tables();
        let article = tables
            .articles
            .get_mut(&place.0)
            .ok_or(AppError::NotFound)?;
        article.comments.retain(|comment| comment.id != place.1);
        Ok(HttpResponse::NoContent().finish())
    }
}
