//! What no attribute can stand on.

use std::sync::Arc;

use actix_web::dev::{
    AppService, HttpServiceFactory, ResourceDef, Service, ServiceRequest, ServiceResponse,
    fn_service,
};
use actix_web::http::{Method, header};
use actix_web::test::{call_service, init_service, read_body};
use actix_web::{App, Error, HttpRequest, HttpResponse, web};
use auth_runtime::DenyUnprotected;
use auth_runtime::prelude::*;

use super::{auth, get, open, request, slow_auth, status};

/// As static files are mounted: it takes every path below its own, and answers 404 by itself.
struct Files(&'static str);

impl HttpServiceFactory for Files {
    fn register(self, config: &mut AppService) {
        let files = fn_service(|request: ServiceRequest| async {
            let file = request.match_info().unprocessed().to_owned();
            let response = match file.as_str() {
                "/a.css" => HttpResponse::Ok().body("a"),
                _ => HttpResponse::NotFound().finish(),
            };
            Ok::<ServiceResponse, Error>(request.into_response(response))
        });
        config.register_service(ResourceDef::root_prefix(self.0), None, files, None);
    }
}

#[actix_web::test]
async fn services_of_other_crates_closures_and_defaults_are_guarded() {
    for auth in [auth(), slow_auth(&Arc::default())] {
        let app = App::new()
            .app_data(auth)
            .wrap(DenyUnprotected::new())
            .service(
                web::scope("/mount")
                    .wrap(require!(role("admin")))
                    .service(Files("/files"))
                    .route("/closure", web::get().to(|| async { "closure" }))
                    .route("/fn", web::get().to(open))
                    .service(web::redirect("/old", "/new"))
                    .service(web::resource("/resource").get(open))
                    .default_service(web::to(|| async { "default" })),
            );
        let app = init_service(app).await;
        for (method, path, of_admin) in [
            (Method::GET, "/mount/files/a.css", 200),
            (Method::GET, "/mount/files/none", 404),
            (Method::GET, "/mount/closure", 200),
            (Method::GET, "/mount/fn", 200),
            (Method::GET, "/mount/old", 307),
            (Method::POST, "/mount/resource", 405),
            (Method::GET, "/mount/default", 200),
            (Method::GET, "/mount", 200),
            (Method::GET, "/mount/", 200),
        ] {
            for (token, expected) in [("", 401), ("known", 403), ("admin", of_admin)] {
                let request = request(method.clone(), path, token);
                assert_eq!(
                    status(&app, request).await,
                    expected,
                    "{method} {path} {token}"
                );
            }
        }
    }
}

/// `DenyUnprotected` lets nothing of such a service pass, not even its own 404.
#[actix_web::test]
async fn without_a_mount_point_such_a_service_is_unprotected() {
    let app = App::new()
        .app_data(auth())
        .wrap(DenyUnprotected::new())
        .service(Files("/bare"))
        .service(
            web::scope("/public")
                .wrap(require!(public(reason = "style sheets are for everyone")))
                .service(Files("/files")),
        );
    let app = init_service(app).await;
    for (path, expected) in [
        ("/bare/a.css", 500),
        ("/bare/none", 500),
        ("/public/files/a.css", 200),
        ("/public/files/none", 404),
    ] {
        assert_eq!(status(&app, get(path, "")).await, expected, "{path}");
    }
}

#[actix_web::test]
async fn a_whole_app_is_guarded() {
    let app = App::new()
        .app_data(auth())
        .route("/open", web::get().to(open))
        .default_service(web::to(|| async { "default" }))
        .wrap(require!(role("admin")));
    let app = init_service(app).await;
    for path in ["/open", "/nowhere", "/"] {
        for (token, expected) in [("", 401), ("known", 403), ("admin", 200)] {
            assert_eq!(
                status(&app, get(path, token)).await,
                expected,
                "{path} {token}"
            );
        }
    }
}

#[actix_web::test]
async fn an_upgrade_is_decided_before_and_passes_as_it_is() {
    async fn upgrade(request: HttpRequest, body: web::Payload) -> HttpResponse {
        assert!(request.headers().contains_key(header::UPGRADE));
        HttpResponse::SwitchingProtocols()
            .insert_header((header::UPGRADE, "websocket"))
            .upgrade("websocket")
            .streaming(body)
    }
    for auth in [auth(), slow_auth(&Arc::default())] {
        let app = App::new().app_data(auth).service(
            web::scope("/socket")
                .wrap(require!(role("admin")))
                .route("", web::get().to(upgrade)),
        );
        let app = init_service(app).await;
        let with_upgrade = |token| {
            get("/socket", token)
                .insert_header((header::CONNECTION, "upgrade"))
                .insert_header((header::UPGRADE, "websocket"))
        };
        for (token, expected) in [("", 401), ("known", 403), ("admin", 101)] {
            assert_eq!(status(&app, with_upgrade(token)).await, expected, "{token}");
        }
        let response = call_service(&app, with_upgrade("admin").to_request()).await;
        assert!(response.response().head().upgrade());
    }
}

#[actix_web::test]
async fn a_body_reaches_the_handler_whole_whether_the_decision_waited_or_not() {
    async fn echo(body: web::Bytes) -> web::Bytes {
        body
    }
    for auth in [auth(), slow_auth(&Arc::default())] {
        let app = App::new().app_data(auth).service(
            web::scope("/echo")
                .wrap(require!(role("admin")))
                .route("", web::post().to(echo)),
        );
        let app = init_service(app).await;
        let body = vec![b'x'; 100_000];
        let request = request(Method::POST, "/echo", "admin").set_payload(body.clone());
        let response = app.call(request.to_request()).await.unwrap();
        assert_eq!(read_body(response).await, body);
    }
}
