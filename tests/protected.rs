//! What is mounted through `ProtectedScope` and `ProtectedConfig`. What does not compile is in
//! `ui/protected/fail`.

use actix_web::http::StatusCode;
use actix_web::middleware::{NormalizePath, from_fn};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, get, web};
use auth_runtime::{ProtectedConfig, ProtectedScope, keep_private, prelude::*};

#[requires_role("admin")]
#[get("/above")]
async fn above() -> &'static str {
    "above"
}

#[requires_auth]
async fn decided() -> &'static str {
    "decided"
}

#[get("/forgotten")]
async fn forgotten() -> &'static str {
    "everybody's"
}

fn auth() -> Auth {
    Auth::builder()
        .realm("protected")
        .scheme(Bearer::sync(|token: Secret<'_>| {
            Some(Principal::new(token.expose()))
        }))
        .build()
        .unwrap()
}

async fn status(
    scope: impl actix_web::dev::HttpServiceFactory + 'static,
    path: &str,
    token: Option<&str>,
) -> StatusCode {
    let app = init_service(App::new().app_data(auth()).service(scope)).await;
    let mut request = TestRequest::get().uri(path);
    if let Some(token) = token {
        request = request.insert_header(("authorization", format!("Bearer {token}")));
    }
    call_service(&app, request.to_request()).await.status()
}

fn scope() -> ProtectedScope {
    ProtectedScope::new("/api")
}

#[actix_web::test]
async fn a_handler_with_an_access_decision_is_mounted_with_it() {
    let mount = || scope().service(above).route("/r", (web::get(), decided));
    assert_eq!(status(mount(), "/api/above", None).await, 401);
    assert_eq!(status(mount(), "/api/above", Some("ann")).await, 403);
    assert_eq!(status(mount(), "/api/r", None).await, 401);
    assert_eq!(status(mount(), "/api/r", Some("ann")).await, 200);
}

#[actix_web::test]
async fn a_route_that_has_a_handler_already_loses_it() {
    async fn anybodys() -> &'static str {
        "everybody's"
    }
    let mount = || scope().route("/r", (web::get().to(anybodys), decided));
    assert_eq!(status(mount(), "/api/r", None).await, 401);
    assert_eq!(status(mount(), "/api/r", Some("ann")).await, 200);
}

#[actix_web::test]
async fn middleware_goes_around_a_scope_that_stays_secure() {
    let mount = || {
        let inner = ProtectedScope::new("/inner")
            .wrap(from_fn(keep_private))
            .configure(|config: &mut ProtectedConfig<'_>| {
                config.route("/r", (web::get(), decided));
            });
        scope().wrap(NormalizePath::trim()).service(inner)
    };
    assert_eq!(status(mount(), "/api/inner/r", None).await, 401);
    assert_eq!(status(mount(), "/api/inner/r", Some("ann")).await, 200);
    let app = init_service(App::new().app_data(auth()).service(mount())).await;
    let request = TestRequest::get().uri("/api/inner/r").to_request();
    let answer = call_service(&app, request).await;
    assert!(answer.headers().contains_key("cache-control"));
}

#[actix_web::test]
async fn a_plain_app_mounts_what_it_likes() {
    let app = init_service(App::new().service(forgotten)).await;
    let request = TestRequest::get().uri("/forgotten").to_request();
    assert_eq!(call_service(&app, request).await.status(), 200);
}
