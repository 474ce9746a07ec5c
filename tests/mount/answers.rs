//! The same answers as a guard gives, in the same order.

use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, HttpResponse, web};
use auth_runtime::prelude::*;
use auth_runtime::{DenyUnprotected, requires_role};

use super::{auth, builder, get, open, request, slow_auth, status};

#[requires_role("admin")]
async fn by_attribute() -> &'static str {
    "open"
}

type Seen = (u16, Vec<(String, String)>, Vec<u8>);

async fn seen<S, B>(app: &S, request: TestRequest) -> Seen
where
    S: actix_web::dev::Service<
            actix_http::Request,
            Response = actix_web::dev::ServiceResponse<B>,
            Error = actix_web::Error,
        >,
    B: actix_web::body::MessageBody,
{
    let response = call_service(app, request.to_request()).await;
    let status = response.status().as_u16();
    let mut headers: Vec<_> = response
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    (status, headers, read_body(response).await.to_vec())
}

#[actix_web::test]
async fn answers_are_those_of_an_attribute() {
    for auth in [auth(), slow_auth(&Arc::default())] {
        let app = App::new()
            .app_data(auth)
            .route("/attribute", web::get().to(by_attribute))
            .service(
                web::scope("/mount")
                    .wrap(require!(role("admin")))
                    .route("", web::get().to(open)),
            );
        let app = init_service(app).await;
        for (token, expected) in [("", 401), ("wrong", 401), ("known", 403), ("admin", 200)] {
            let [one, other] = ["/attribute", "/mount"].map(|path| get(path, token));
            let (one, other) = (seen(&app, one).await, seen(&app, other).await);
            assert_eq!(one.0, expected, "{token}");
            assert_eq!(one, other, "{token}");
        }
        let twice = |path| get(path, "admin").append_header((header::AUTHORIZATION, "Bearer x"));
        let answers = (
            seen(&app, twice("/attribute")).await,
            seen(&app, twice("/mount")).await,
        );
        assert_eq!(answers.0.0, 400);
        assert_eq!(answers.0, answers.1);
    }
}

#[actix_web::test]
async fn a_blocked_network_is_answered_before_credentials() {
    let auth = builder().allow_networks(["192.0.2.0/24"]).build().unwrap();
    let app = App::new().app_data(auth).service(
        web::scope("/mount")
            .wrap(require!(authenticated))
            .route("", web::get().to(open)),
    );
    let app = init_service(app).await;
    let from = |peer: &str| get("/mount", "").peer_addr(peer.parse().unwrap());
    assert_eq!(status(&app, from("198.51.100.7:1")).await, 403);
    assert_eq!(status(&app, from("192.0.2.7:1")).await, 401);
}

#[actix_web::test]
async fn no_configuration_is_500_and_not_open() {
    let app = App::new().service(
        web::scope("/mount")
            .wrap(require!(authenticated))
            .route("", web::get().to(open)),
    );
    let app = init_service(app).await;
    assert_eq!(status(&app, get("/mount", "admin")).await, 500);
}

/// Every form of the requirement language, as a value.
#[actix_web::test]
async fn every_form_of_a_requirement_can_be_written() {
    requirement! { readers = scope("articles:read"); }
    async fn is_path_of_caller(path: web::Path<String>, caller: Authenticated) -> Decision {
        Decision::allow_if(*path == caller.subject())
    }
    let scope = |path: &str, mount| {
        web::scope(path)
            .wrap::<auth_runtime::MountPoint, _>(mount)
            .route("", web::get().to(open))
            .route("/x", web::get().to(open))
    };
    let app = App::new()
        .app_data(auth())
        .service(scope(
            "/all",
            require!(all(role("admin"), scope("articles:read"))),
        ))
        .service(scope("/any", require!(any(role("admin"), role("editor")))))
        .service(scope(
            "/not",
            require!(all(authenticated, not(role("admin")))),
        ))
        .service(scope("/permission", require!(permission("articles:edit"))))
        .service(scope("/policy/{name}", require!(policy(is_path_of_caller))))
        .service(scope("/age", require!(max_age("15m"))))
        .service(scope("/acr", require!(acr("urn:mfa"))))
        .service(scope("/scheme", require!(scheme("Bearer"))))
        .service(scope("/named", require!(readers)))
        .service(scope(
            "/check",
            require!(check(|user: &Principal| user.subject() == "editor")),
        ))
        .service(scope("/public", require!(public(reason = "for everyone"))))
        .service(scope("/comma", require!(role("admin"),)));
    let app = init_service(app).await;
    for (path, anonymous, known, editor, admin) in [
        ("/all/x", 401, 403, 403, 200),
        ("/any/x", 401, 403, 200, 200),
        ("/not/x", 401, 200, 200, 403),
        ("/permission/x", 401, 403, 403, 403),
        ("/policy/editor", 401, 403, 200, 403),
        ("/age/x", 401, 401, 401, 401),
        ("/acr/x", 401, 401, 401, 401),
        ("/scheme/x", 401, 200, 200, 200),
        ("/named/x", 401, 200, 200, 200),
        ("/check/x", 401, 403, 200, 403),
        ("/public/x", 200, 200, 200, 200),
        ("/comma/x", 401, 403, 403, 200),
    ] {
        for (token, expected) in [
            ("", anonymous),
            ("known", known),
            ("editor", editor),
            ("admin", admin),
        ] {
            assert_eq!(
                status(&app, get(path, token)).await,
                expected,
                "{path} {token}"
            );
        }
    }
}

/// No extractor of what is inside reads a byte for a request that is refused.
#[actix_web::test]
async fn the_body_of_a_refused_request_is_not_read() {
    for auth in [auth(), slow_auth(&Arc::default())] {
        let app = App::new().app_data(auth).service(
            web::scope("/mount")
                .wrap(require!(role("admin")))
                .app_data(web::JsonConfig::default().limit(4))
                .route("", web::post().to(|_: web::Json<u64>| async { "read" })),
        );
        let app = init_service(app).await;
        for (content_type, body, of_admin) in [
            ("application/json", "1", 200),
            ("application/json", "{", 400),
            ("application/json", "1234567890", 413),
            ("text/plain", "1", 415),
        ] {
            for (token, expected) in [("", 401), ("known", 403), ("admin", of_admin)] {
                let request = request(Method::POST, "/mount", token)
                    .insert_header((header::CONTENT_TYPE, content_type))
                    .set_payload(body);
                let status = status(&app, request).await;
                // actix answers 415 as an extractor that found no JSON: 400.
                let expected = if expected == 415 { 400 } else { expected };
                assert_eq!(status, expected, "{content_type} {body} {token}");
            }
        }
    }
}

#[actix_web::test]
async fn a_payload_that_panics_when_it_is_polled_is_not_polled() {
    let app = App::new().app_data(auth()).service(
        web::scope("/mount")
            .wrap(require!(role("admin")))
            .route("", web::post().to(|_: web::Bytes| async { "read" })),
    );
    let app = init_service(app).await;
    let stream =
        futures_util::stream::poll_fn(|_| -> std::task::Poll<Option<Result<web::Bytes, _>>> {
            panic!("polled")
        });
    let request = request(Method::POST, "/mount", "known").to_request();
    let payload: Payload = Payload::Stream {
        payload: futures_util::StreamExt::boxed_local(stream),
    };
    let request = request.replace_payload(payload).0;
    assert_eq!(call_service(&app, request).await.status(), 403);
}

#[actix_web::test]
async fn what_is_hidden_is_the_apps_own_404_to_the_byte() {
    async fn never() -> Decision {
        Decision::deny("never")
    }
    for auth in [auth(), slow_auth(&Arc::default())] {
        for has_page in [false, true] {
            let app = App::new()
                .app_data(auth.clone())
                .service(
                    web::scope("/hidden")
                        .wrap(require!(role("admin"), hide))
                        .route("", web::get().to(open))
                        .service(
                            web::scope("/inside")
                                .wrap(require!(policy(never)))
                                .route("", web::get().to(open)),
                        ),
                )
                .service(
                    web::resource("/resource")
                        .wrap(require!(policy(never), hide))
                        .route(web::get().to(open)),
                )
                .default_service(if has_page {
                    auth.not_found_service()
                } else {
                    web::to(HttpResponse::NotFound)
                });
            let app = init_service(app).await;
            for token in ["", "wrong", "known"] {
                let unknown = seen(&app, get("/nowhere", token)).await;
                assert_eq!(unknown.0, 404);
                for path in ["/hidden", "/hidden/x", "/hidden/inside", "/resource"] {
                    assert_eq!(
                        seen(&app, get(path, token)).await,
                        unknown,
                        "{path} {token}"
                    );
                }
            }
            assert_eq!(status(&app, get("/hidden", "admin")).await, 200);
            assert_eq!(status(&app, get("/hidden/inside", "admin")).await, 404);
            assert_eq!(status(&app, get("/resource", "admin")).await, 404);
        }
    }
}

#[actix_web::test]
async fn every_method_is_decided() {
    let app = App::new()
        .wrap(DenyUnprotected::new())
        .app_data(auth())
        .service(
            web::scope("/mount")
                .wrap(require!(role("admin")))
                .service(web::resource("").to(open)),
        );
    let app = init_service(app).await;
    for method in [
        Method::GET,
        Method::HEAD,
        Method::OPTIONS,
        Method::POST,
        Method::TRACE,
        Method::CONNECT,
        Method::from_bytes(b"BREW").unwrap(),
    ] {
        let as_caller = |token| request(method.clone(), "/mount", token);
        assert_eq!(status(&app, as_caller("")).await, 401, "{method}");
        assert_eq!(status(&app, as_caller("known")).await, 403, "{method}");
        assert_eq!(status(&app, as_caller("admin")).await, 200, "{method}");
    }
}
