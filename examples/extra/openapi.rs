//! An OpenAPI document whose security comes from the attributes, with Swagger UI to look at it.
//!
//! ```sh
//! cargo run -p auth-examples-extra --example openapi
//!
//! curl -s localhost:8080/openapi.json                            # the document
//! curl -i localhost:8080/v1/articles                             # 401, as documented
//! curl -i localhost:8080/v1/articles -H 'Authorization: Bearer demo-reader'
//! curl -i -X POST localhost:8080/v1/articles -H 'Authorization: Bearer demo-reader'   # 403
//! ```
//!
//! Swagger UI stands at <http://localhost:8080/docs/>: «Authorize» takes `demo-reader` or
//! `demo-editor`. Its files are in the binary; nothing is downloaded, neither now nor by the build.

use std::env;
use std::error::Error;

use actix_web::{App, HttpServer, Responder, web};
use auth_runtime::DenyUnprotected;
use auth_runtime::prelude::*;
use auth_runtime::review::openapi::{DocumentError, DocumentSecurity};
use serde_json::json;
use utoipa::OpenApi;
use utoipa_swagger_ui::SwaggerUi;

/// The articles.
// Our attribute stands above: so the document knows whose operation it is.
#[requires_auth]
#[utoipa::path(get, path = "/articles", responses((status = 200, description = "All of them")))]
async fn list_articles() -> impl Responder {
    web::Json(json!([{ "title": "Hello" }]))
}

/// A new article.
#[requires(all(scope("articles:write"), role("editor")))]
#[utoipa::path(post, path = "/articles", responses((status = 201, description = "Written")))]
async fn write_article() -> impl Responder {
    actix_web::HttpResponse::Created()
}

/// Whether the server is there.
#[public(reason = "load balancer probe")]
#[utoipa::path(get, path = "/health", responses((status = 200, description = "It is")))]
async fn health() -> &'static str {
    "ok\n"
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Articles", version = "1.0.0"),
    // The paths of the document stand below it, as the routes do below their scope.
    servers((url = "/v1")),
    paths(list_articles, write_article, health)
)]
struct Document;

fn document(auth: &Auth) -> Result<utoipa::openapi::OpenApi, DocumentError> {
    let mut document = Document::openapi();
    // Every handler of the binary that has an attribute.
    DocumentSecurity::registered(auth).apply(&mut document)?;
    Ok(document)
}

fn find_session(token: &Secret<'_>) -> Option<Principal> {
    if token.ct_eq("demo-editor") {
        Some(Principal::new("eve").role("editor").scope("articles:write"))
    } else if token.ct_eq("demo-reader") {
        Some(Principal::new("rob"))
    } else {
        None
    }
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();
    let auth = Auth::builder()
        .realm("articles")
        .scheme(Bearer::sync(|token: Secret<'_>| find_session(&token)))
        .build()?;
    let document = document(&auth)?;
    let address = env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(auth.clone())
            .wrap(DenyUnprotected::new())
            .service(
                web::scope("/v1")
                    // A resource answers 405 to other methods; a route of a scope, 404.
                    .service(
                        web::resource("/articles")
                            .get(list_articles)
                            .post(write_article),
                    )
                    .service(web::resource("/health").get(health)),
            )
            // The pages and the document of another crate, which cannot have an attribute.
            .service(
                web::scope("")
                    .wrap(require!(public(
                        reason = "the documentation is for everyone"
                    )))
                    .service(SwaggerUi::new("/docs/{_:.*}").url("/openapi.json", document.clone())),
            )
    });
    server.bind(address)?.run().await?;
    Ok(())
}
