//! The same application with handlers that were forgotten: every tool finds them, and only them.

use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, HttpResponse, web};
use auth_runtime::DenyUnprotected;
use auth_runtime::prelude::*;
use auth_runtime::review::check_access_lock;
use auth_runtime::review::openapi::{DocumentProblem, DocumentSecurity};
use auth_runtime::testing::sweep::{Finding, Sweep};
use auth_tests_realworld::store::Store;
use auth_tests_realworld::{authentication, configure, docs};
use utoipa::OpenApi;

/// Without a decision. Its name is that of handlers which have one.
#[utoipa::path(get, path = "/api/reports", responses((status = 200)))]
async fn index() -> HttpResponse {
    HttpResponse::Ok().finish()
}

/// With one, which the reviewed file does not know.
#[public(reason = "not reviewed")]
async fn update() -> HttpResponse {
    HttpResponse::Ok().finish()
}

fn forgotten(config: &mut web::ServiceConfig) {
    config
        .service(web::scope("/reports").route("", web::get().to(index)))
        .service(web::resource("/drafts/{id}").route(web::put().to(index)))
        .route("/leak", web::post().to(|| async { "leak" }))
        .route("/news", web::patch().to(update));
}

#[derive(OpenApi)]
#[openapi(paths(index))]
struct Forgotten;

#[actix_web::test]
async fn the_sweep_names_each() {
    let app = App::new()
        .app_data(authentication().unwrap())
        .app_data(web::Data::new(Store::with_samples()))
        .configure(forgotten)
        .configure(configure);
    let sweep = Sweep::new().header("content-type", "application/json");
    let report = sweep.run(app).await;
    let mut found: Vec<&str> = report
        .findings()
        .iter()
        .map(|finding| match finding {
            Finding::Unprotected { route, .. } => route.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    found.sort_unstable();
    assert_eq!(found, ["GET /reports", "POST /leak", "PUT /drafts/{id}"]);
}

#[actix_web::test]
async fn the_middleware_refuses_each() {
    let app = App::new()
        .app_data(authentication().unwrap())
        .app_data(web::Data::new(Store::with_samples()))
        .configure(forgotten)
        .configure(configure)
        .wrap(DenyUnprotected::new());
    let app = init_service(app).await;
    for (request, expected) in [
        (TestRequest::get().uri("/reports"), 500),
        (TestRequest::put().uri("/drafts/1"), 500),
        (TestRequest::post().uri("/leak"), 500),
        (TestRequest::get().uri("/api/articles"), 200),
    ] {
        let response = call_service(&app, request.to_request()).await;
        assert_eq!(
            response.status(),
            expected,
            "{:?}",
            response.request().path()
        );
    }
}

#[test]
fn the_lock_tells_what_is_new() {
    use auth_runtime::review::AccessMatrix;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/access.lock");
    let problem = check_access_lock(path, &AccessMatrix::collect()).unwrap_err();
    let problem = problem.to_string();
    let new: Vec<&str> = problem
        .lines()
        .filter(|line| {
            line.starts_with("new:") || line.starts_with("widened") || line.starts_with("gone")
        })
        .collect();
    assert_eq!(new, ["new: forgotten::update"], "{problem}");
}

#[test]
fn the_document_tells_which_operation_has_no_decision() {
    let mut document = docs::bare();
    document.merge(Forgotten::openapi());
    let auth = authentication().unwrap();
    let error = DocumentSecurity::registered(&auth)
        .apply(&mut document)
        .unwrap_err();
    let [DocumentProblem::Unmatched { method, path, .. }] = &error.problems[..] else {
        panic!("{error}");
    };
    assert_eq!((method.as_str(), path.as_str()), ("GET", "/api/reports"));
}
