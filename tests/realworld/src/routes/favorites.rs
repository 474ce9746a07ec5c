//! One attribute for both handlers.

use actix_web::web;

pub fn configure(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/favorite")
            .post(handlers::create)
            .delete(handlers::delete),
    );
}

#[auth_runtime::requires_auth]
pub mod handlers {
    use actix_web::web;
    use auth_runtime::Authenticated;

    use crate::error::AppError;
    use crate::store::{Article, Store};

    fn change(
        store: &Store,
        slug: &str,
        change: impl FnOnce(&mut Vec<String>),
    ) -> Result<web::Json<Article>, AppError> {
        let mut tables = store.tables();
        let article = tables.articles.get_mut(slug).ok_or(AppError::NotFound)?;
        change(&mut article.favorites);
        Ok(web::Json(article.clone()))
    }

    #[utoipa::path(post, path = "/api/articles/{slug}/favorite", responses((status = 200, body = Article)))]
    pub async fn create(
        slug: web::Path<String>,
        store: web::Data<Store>,
        caller: Authenticated,
    ) -> Result<web::Json<Article>, AppError> {
        change(&store, &slug, |names| {
            names.push(caller.subject().to_owned());
        })
    }

    #[utoipa::path(delete, path = "/api/articles/{slug}/favorite", responses((status = 200, body = Article)))]
    pub async fn delete(
        slug: web::Path<String>,
        store: web::Data<Store>,
        caller: Authenticated,
    ) -> Result<web::Json<Article>, AppError> {
        change(&store, &slug, |names| {
            names.retain(|name| name != caller.subject());
        })
    }
}
