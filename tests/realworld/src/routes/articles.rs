//! Attributes on the handlers.

use actix_web::{HttpResponse, web};
use auth_runtime::prelude::*;

use super::{Page, comments, favorites};
use crate::error::AppError;
use crate::store::{Article, Store};

pub fn configure(config: &mut web::ServiceConfig) {
    config.service(
        web::scope("/articles")
            .route("", web::get().to(index))
            .route("", web::post().to(create))
            .route("/feed", web::get().to(feed))
            .service(
                web::resource("/{slug}")
                    .route(web::get().to(show))
                    .route(web::put().to(update))
                    .route(web::delete().to(delete)),
            )
            .service(
                web::scope("/{slug}")
                    .configure(favorites::configure)
                    .configure(comments::configure),
            ),
    );
}

/// Whether the article is the caller's own. One that is not there is the handler's to say.
async fn is_author(
    slug: web::Path<String>,
    store: web::Data<Store>,
    caller: Authenticated,
) -> Decision {
    let tables = store.tables();
    let article = tables.articles.get(slug.as_str());
    Decision::allow_if(article.is_none_or(|article| article.author == caller.subject()))
}

#[utoipa::path(get, path = "/api/articles", params(Page), responses((status = 200, body = [Article])))]
#[public(reason = "the front page")]
pub async fn index(page: web::Query<Page>, store: web::Data<Store>) -> web::Json<Vec<Article>> {
    web::Json(page.of(store.tables().articles.values().cloned()))
}

#[utoipa::path(get, path = "/api/articles/feed", params(Page), responses((status = 200, body = [Article])))]
#[requires_auth]
pub async fn feed(
    page: web::Query<Page>,
    store: web::Data<Store>,
    caller: Authenticated,
) -> web::Json<Vec<Article>> {
    let tables = store.tables();
    let follows = |author: &String| {
        let user = tables.users.get(author);
        user.is_some_and(|user| user.followers.iter().any(|name| name == caller.subject()))
    };
    let articles = tables
        .articles
        .values()
        .filter(|article| follows(&article.author));
    web::Json(page.of(articles.cloned()))
}

#[utoipa::path(get, path = "/api/articles/{slug}", responses((status = 200, body = Article)))]
#[public(reason = "articles are published")]
pub async fn show(
    slug: web::Path<String>,
    store: web::Data<Store>,
) -> Result<web::Json<Article>, AppError> {
    let tables = store.tables();
    let article = tables
        .articles
        .get(slug.as_str())
        .ok_or(AppError::NotFound)?;
    Ok(web::Json(article.clone()))
}

#[utoipa::path(post, path = "/api/articles", request_body = Article, responses((status = 201, body = Article)))]
#[requires_scope("articles:write")]
pub async fn create(
    article: web::Json<Article>,
    store: web::Data<Store>,
    caller: Authenticated,
) -> Result<HttpResponse, AppError> {
    let mut tables = store.tables();
    if tables.articles.contains_key(&article.slug) {
        return Err(AppError::Taken);
    }
    let article = Article {
        author: caller.subject().to_owned(),
        ..article.into_inner()
    };
    tables
        .articles
        .insert(article.slug.clone(), article.clone());
    Ok(HttpResponse::Created().json(article))
}

#[utoipa::path(put, path = "/api/articles/{slug}", request_body = Article, responses((status = 200, body = Article)))]
#[requires(any(role("admin"), policy(is_author)))]
pub async fn update(
    slug: web::Path<String>,
    changed: web::Json<Article>,
    store: web::Data<Store>,
) -> Result<web::Json<Article>, AppError> {
    let mut tables = store.tables();
    let article = tables
        .articles
        .get_mut(slug.as_str())
        .ok_or(AppError::NotFound)?;
    article.title.clone_from(&changed.title);
    Ok(web::Json(article.clone()))
}

#[utoipa::path(delete, path = "/api/articles/{slug}", responses((status = 204)))]
#[requires(any(role("admin"), policy(is_author)))]
pub async fn delete(
    slug: web::Path<String>,
    store: web::Data<Store>,
) -> Result<HttpResponse, AppError> {
    let removed = store.tables().articles.remove(slug.as_str());
    removed
        .map(|_| HttpResponse::NoContent().finish())
        .ok_or(AppError::NotFound)
}
