//! Among other middlewares.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_cors::Cors;
use actix_web::dev::ServiceRequest;
use actix_web::http::{Method, header};
use actix_web::middleware::{Compress, DefaultHeaders, Logger, Next, NormalizePath, from_fn};
use actix_web::test::{call_service, init_service};
use actix_web::{App, web};
use auth_runtime::prelude::*;
use auth_runtime::{DenyUnprotected, keep_private};

use super::{auth, get, open, request, slow_auth, status};

fn preflight(path: &str) -> actix_web::test::TestRequest {
    request(Method::OPTIONS, path, "")
        .insert_header((header::ORIGIN, "https://app.example"))
        .insert_header((header::ACCESS_CONTROL_REQUEST_METHOD, "GET"))
}

#[actix_web::test]
async fn cors_outside_answers_a_preflight_and_cors_inside_does_not_see_it() {
    let app = App::new()
        .app_data(auth())
        .service(
            web::scope("/outside")
                .wrap(require!(authenticated))
                .wrap(Cors::permissive())
                .route("", web::get().to(open)),
        )
        .service(
            web::scope("/inside")
                .wrap(Cors::permissive())
                .wrap(require!(authenticated))
                .route("", web::get().to(open)),
        );
    let app = init_service(app).await;
    assert_eq!(status(&app, preflight("/outside")).await, 200);
    assert_eq!(status(&app, preflight("/inside")).await, 401);
    // A refusal from inside has what a browser needs to read it.
    let request = get("/outside", "").insert_header((header::ORIGIN, "https://app.example"));
    let response = call_service(&app, request.to_request()).await;
    assert_eq!(response.status(), 401);
    assert!(
        response
            .headers()
            .contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN)
    );
    assert!(response.headers().contains_key(header::WWW_AUTHENTICATE));
}

#[actix_web::test]
async fn a_middleware_inside_runs_for_authorized_requests_alone() {
    let runs = Arc::new(AtomicUsize::new(0));
    for auth in [auth(), slow_auth(&Arc::default())] {
        runs.store(0, Ordering::SeqCst);
        let counted = Arc::clone(&runs);
        let count = from_fn(move |request: ServiceRequest, next: Next<_>| {
            counted.fetch_add(1, Ordering::SeqCst);
            next.call(request)
        });
        let app = App::new().app_data(auth).service(
            web::scope("/mount")
                .wrap(count)
                .wrap(require!(role("admin")))
                .route("", web::get().to(open)),
        );
        let app = init_service(app).await;
        for (token, expected) in [("", 0), ("known", 0), ("admin", 1)] {
            status(&app, get("/mount", token)).await;
            assert_eq!(runs.load(Ordering::SeqCst), expected, "{token}");
        }
    }
}

#[actix_web::test]
async fn it_decides_among_all_the_usual_middlewares() {
    let app = App::new()
        .app_data(slow_auth(&Arc::default()))
        .wrap(DenyUnprotected::new())
        .wrap(Compress::default())
        .wrap(NormalizePath::trim())
        .wrap(DefaultHeaders::new().add(("x-frame-options", "DENY")))
        .wrap(from_fn(keep_private))
        .wrap(Logger::default())
        .service(
            web::scope("/mount")
                .wrap(DefaultHeaders::new().add(("x-inside", "1")))
                .wrap(require!(role("admin")))
                .wrap(Logger::default())
                .route("", web::get().to(open)),
        );
    let app = init_service(app).await;
    for path in ["/mount", "/mount/"] {
        for (token, expected) in [("", 401), ("known", 403), ("admin", 200)] {
            let response = call_service(&app, get(path, token).to_request()).await;
            assert_eq!(response.status(), expected, "{path} {token}");
            assert_eq!(response.headers().get("x-frame-options").unwrap(), "DENY");
            assert_eq!(response.headers().contains_key("x-inside"), expected == 200);
        }
    }
}

/// An extractor that a middleware asked before has found the caller already.
#[actix_web::test]
async fn a_middleware_that_asked_for_the_caller_before_changes_nothing() {
    let calls = Arc::new(AtomicUsize::new(0));
    let ask = from_fn(async |mut request: ServiceRequest, next: Next<_>| {
        let caller = request.extract::<MaybeAuthenticated>().await;
        drop(caller);
        next.call(request).await
    });
    let app = App::new().app_data(slow_auth(&calls)).service(
        web::scope("/mount")
            .wrap(require!(role("admin")))
            .wrap(ask)
            .route("", web::get().to(open)),
    );
    let app = init_service(app).await;
    for (token, expected) in [("", 401), ("wrong", 401), ("known", 403), ("admin", 200)] {
        calls.store(0, Ordering::SeqCst);
        assert_eq!(
            status(&app, get("/mount", token)).await,
            expected,
            "{token}"
        );
        assert!(calls.load(Ordering::SeqCst) <= 1, "{token}");
    }
}

#[actix_web::test]
async fn on_a_route_and_inside_one_another() {
    let app = App::new()
        .app_data(auth())
        .route("/route", web::get().to(open).wrap(require!(role("admin"))))
        .service(
            web::resource("/twice")
                .wrap(require!(role("admin")))
                .wrap(require!(authenticated))
                .to(open),
        );
    let app = init_service(app).await;
    for path in ["/route", "/twice"] {
        for (token, expected) in [("", 401), ("known", 403), ("admin", 200)] {
            assert_eq!(
                status(&app, get(path, token)).await,
                expected,
                "{path} {token}"
            );
        }
    }
}
