//! Ways round a mount point.

use std::sync::Arc;

use actix_web::http::{Method, header};
use actix_web::middleware::{NormalizePath, TrailingSlash};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, HttpRequest, HttpResponse, web};
use auth_runtime::prelude::*;

use super::{auth, get, request, slow_auth, status};

async fn secret() -> &'static str {
    "s3cret"
}

/// What one and the same path can be written as.
const PATHS: &[&str] = &[
    "/admin/x",
    "//admin/x",
    "/admin//x",
    "///admin///x",
    "/admin/x/",
    "/admin/x//",
    "/admin/./x",
    "/./admin/x",
    "/admin/../x",
    "/admin/../admin/x",
    "/open/../admin/x",
    "/admin/x/..",
    "/%61dmin/x",
    "/admin/%78",
    "/admin%2fx",
    "/admin%2Fx",
    "/%2fadmin/x",
    "/admin/%2e%2e/admin/x",
    "/admin/%2e/x",
    "/admin/x%00",
    "/admin/x%20",
    "/admin/x;a=b",
    "/admin;a=b/x",
    "/admin/x?y=/open",
    "/admin/x#/open",
    "/ADMIN/x",
    "/Admin/X",
    "/admin\\x",
    "/admin",
    "/admin/",
    "/admin/nowhere",
    "http://localhost/admin/x",
    "http://evil.example//admin/x",
];

#[actix_web::test]
async fn no_way_to_write_the_path_leads_past_it() {
    for auth in [auth(), slow_auth(&Arc::default())] {
        for slash in [
            None,
            Some(TrailingSlash::Trim),
            Some(TrailingSlash::MergeOnly),
        ] {
            let normalize = NormalizePath::new(slash.unwrap_or(TrailingSlash::MergeOnly));
            let app = App::new()
                .app_data(auth.clone())
                .wrap(actix_web::middleware::Condition::new(
                    slash.is_some(),
                    normalize,
                ))
                .service(
                    web::scope("/admin")
                        .wrap(require!(role("admin")))
                        .route("/x", web::to(secret))
                        .route("/x/", web::to(secret))
                        .default_service(web::to(secret)),
                );
            let app = init_service(app).await;
            for path in PATHS {
                let Ok(uri) = path.parse::<actix_web::http::Uri>() else {
                    continue;
                };
                for method in [Method::GET, Method::HEAD, Method::POST, Method::OPTIONS] {
                    let request = TestRequest::with_uri(&uri.to_string()).method(method.clone());
                    let response = call_service(&app, request.to_request()).await;
                    let status = response.status().as_u16();
                    assert!([401, 404].contains(&status), "{method} {path}: {status}");
                    let body = read_body(response).await;
                    assert!(!body.starts_with(b"s3cret"), "{method} {path}");
                }
            }
            assert_eq!(status(&app, get("/admin/x", "admin")).await, 200);
        }
    }
}

#[actix_web::test]
async fn headers_change_neither_method_nor_path_nor_caller() {
    let app = App::new().app_data(auth()).service(
        web::scope("/admin")
            .wrap(require!(role("admin")))
            .route("/x", web::to(secret)),
    );
    let app = init_service(app).await;
    for (name, value) in [
        ("x-http-method-override", "OPTIONS"),
        ("x-method-override", "HEAD"),
        ("x-original-url", "/open"),
        ("x-rewrite-url", "/open"),
        ("x-forwarded-prefix", "/open"),
        ("x-user", "admin"),
        ("x-auth-decided", "granted"),
        ("x-forwarded-for", "127.0.0.1"),
        ("upgrade", "websocket"),
        ("origin", "https://app.example"),
        ("access-control-request-method", "GET"),
    ] {
        for (token, expected) in [("", 401), ("known", 403)] {
            for method in [Method::GET, Method::OPTIONS] {
                let request = request(method, "/admin/x", token).insert_header((name, value));
                assert_eq!(status(&app, request).await, expected, "{name} {token}");
            }
        }
    }
}

/// It guards what it wraps, and the attribute what it stands on.
#[actix_web::test]
async fn a_handler_that_is_mounted_outside_too_has_its_own_decision_there() {
    #[requires_auth]
    async fn known() -> &'static str {
        "known"
    }
    let app = App::new()
        .app_data(auth())
        .service(
            web::scope("/admin")
                .wrap(require!(role("admin")))
                .route("/known", web::get().to(known)),
        )
        .route("/known", web::get().to(known));
    let app = init_service(app).await;
    for (path, anonymous, of_known, admin) in
        [("/admin/known", 401, 403, 200), ("/known", 401, 200, 200)]
    {
        assert_eq!(status(&app, get(path, "")).await, anonymous, "{path}");
        assert_eq!(status(&app, get(path, "known")).await, of_known, "{path}");
        assert_eq!(status(&app, get(path, "admin")).await, admin, "{path}");
    }
}

/// A scope of the same prefix, before it or behind it.
#[actix_web::test]
async fn guards_of_actix_that_do_not_match_lead_to_no_other_scope_of_its_own() {
    let app = App::new()
        .app_data(auth())
        .service(
            web::scope("/admin")
                .guard(actix_web::guard::Header("x-version", "2"))
                .wrap(require!(role("admin")))
                .route("/x", web::get().to(secret)),
        )
        .default_service(web::to(HttpResponse::NotFound));
    let app = init_service(app).await;
    assert_eq!(status(&app, get("/admin/x", "")).await, 404);
    let versioned = get("/admin/x", "").insert_header(("x-version", "2"));
    assert_eq!(status(&app, versioned).await, 401);
}

/// A request is decided by its own credentials, whatever the one before it had: actix-web uses its
/// requests again.
#[actix_web::test]
async fn nothing_is_left_of_the_request_before() {
    for auth in [auth(), slow_auth(&Arc::default())] {
        let app = App::new().app_data(auth).service(
            web::scope("/admin")
                .wrap(require!(role("admin")))
                .route("/x", web::get().to(secret)),
        );
        let app = init_service(app).await;
        for _ in 0..3 {
            for (token, expected) in [("admin", 200), ("", 401), ("known", 403), ("wrong", 401)] {
                assert_eq!(
                    status(&app, get("/admin/x", token)).await,
                    expected,
                    "{token}"
                );
            }
        }
    }
}

/// A policy of the mount point may ask for the request, and lets go of it.
#[actix_web::test]
async fn a_policy_with_the_request_lets_it_be_routed() {
    async fn is_get(request: HttpRequest) -> Decision {
        actix_web::rt::task::yield_now().await;
        Decision::allow_if(request.method() == Method::GET)
    }
    let app = App::new().app_data(slow_auth(&Arc::default())).service(
        web::scope("/admin")
            .wrap(require!(all(role("admin"), policy(is_get))))
            .service(web::scope("/deep").route("/x", web::to(secret))),
    );
    let app = init_service(app).await;
    assert_eq!(status(&app, get("/admin/deep/x", "admin")).await, 200);
    let post = request(Method::POST, "/admin/deep/x", "admin");
    assert_eq!(status(&app, post).await, 403);
}

#[actix_web::test]
async fn a_policy_that_panics_or_is_late_refuses() {
    async fn panics() -> Decision {
        panic!("no data")
    }
    async fn never() -> Decision {
        std::future::pending().await
    }
    let auth = super::builder()
        .time_limit(std::time::Duration::from_millis(20))
        .build()
        .unwrap();
    let app = App::new()
        .app_data(auth)
        .service(
            web::scope("/panics")
                .wrap(require!(policy(panics)))
                .route("", web::to(secret)),
        )
        .service(
            web::scope("/never")
                .wrap(require!(policy(never)))
                .route("", web::to(secret)),
        );
    let app = init_service(app).await;
    assert_eq!(status(&app, get("/panics", "admin")).await, 500);
    assert_eq!(status(&app, get("/never", "admin")).await, 503);
}

#[actix_web::test]
async fn two_authorization_headers_are_400() {
    let app = App::new().app_data(auth()).service(
        web::scope("/admin")
            .wrap(require!(role("admin")))
            .route("", web::to(secret)),
    );
    let app = init_service(app).await;
    let twice = get("/admin", "admin").append_header((header::AUTHORIZATION, "Bearer admin"));
    assert_eq!(status(&app, twice).await, 400);
}
