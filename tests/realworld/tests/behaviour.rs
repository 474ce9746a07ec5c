//! What callers get, with `DenyUnprotected` around everything.

use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, web};
use auth_runtime::DenyUnprotected;
use auth_tests_realworld::routes::api;
use auth_tests_realworld::store::Store;
use auth_tests_realworld::{authentication, configure};
use serde_json::{Value, json};

async fn status(method: Method, path: &str, token: Option<&str>, body: Option<Value>) -> u16 {
    let app = App::new()
        .app_data(authentication().unwrap())
        .app_data(web::Data::new(Store::with_samples()))
        .configure(configure)
        .wrap(DenyUnprotected::new());
    let app = init_service(app).await;
    let mut request = TestRequest::with_uri(path).method(method);
    if let Some(token) = token {
        request = request.insert_header(("Authorization", format!("Bearer token-of-{token}")));
    }
    if let Some(body) = body {
        request = request.set_json(body);
    }
    call_service(&app, request.to_request())
        .await
        .status()
        .as_u16()
}

type Body<'a> = &'a dyn Fn() -> Option<Value>;

#[actix_web::test]
async fn callers_get_what_they_may() {
    let hello = || Some(json!({"slug": "hello", "title": "Hello again"}));
    let other = || Some(json!({"slug": "other", "title": "Other"}));
    let comment = || Some(json!({"body": "Changed"}));
    let user = || Some(json!({"username": "rob", "bio": "Changed"}));
    let none = || None;
    let article = "/api/articles/hello";
    let first = "/api/articles/hello/comments/1";
    // Anonymous, then as rob, eve and ada.
    let cases: [(Method, &str, Body<'_>, [u16; 4]); 24] = [
        (Method::GET, "/health", &none, [200; 4]),
        (Method::GET, "/api/user", &none, [401, 200, 200, 200]),
        (Method::PUT, "/api/user", &user, [401, 200, 200, 200]),
        (Method::GET, "/api/profiles/eve", &none, [200; 4]),
        (
            Method::POST,
            "/api/profiles/eve/follow",
            &none,
            [401, 200, 200, 200],
        ),
        (Method::GET, "/api/articles?limit=1", &none, [200; 4]),
        (Method::GET, "/api/articles?limit=x", &none, [422; 4]),
        (
            Method::GET,
            "/api/articles/feed",
            &none,
            [401, 200, 200, 200],
        ),
        (Method::POST, "/api/articles", &other, [401, 403, 201, 403]),
        (Method::POST, "/api/articles", &hello, [401, 403, 409, 403]),
        (Method::PUT, article, &hello, [401, 403, 200, 200]),
        (Method::DELETE, article, &none, [401, 403, 204, 204]),
        (
            Method::DELETE,
            "/api/articles/none",
            &none,
            [401, 404, 404, 404],
        ),
        (
            Method::POST,
            "/api/articles/hello/favorite",
            &none,
            [401, 200, 200, 200],
        ),
        (Method::GET, "/api/articles/hello/comments", &none, [200; 4]),
        (
            Method::POST,
            "/api/articles/hello/comments",
            &comment,
            [401, 201, 201, 201],
        ),
        (Method::PUT, first, &comment, [401, 200, 403, 403]),
        (Method::DELETE, first, &none, [401, 204, 403, 204]),
        (
            Method::PUT,
            "/api/tags",
            &|| Some(json!(["rust", "web"])),
            [401, 403, 403, 200],
        ),
        (Method::GET, "/api/admin/users", &none, [401, 403, 403, 200]),
        (
            Method::PUT,
            "/api/admin/users/rob",
            &user,
            [401, 403, 403, 200],
        ),
        // The session does not say when ada logged in.
        (
            Method::DELETE,
            "/api/admin/users/rob",
            &none,
            [401, 401, 401, 401],
        ),
        // Nothing is mounted: the app's own answers, at the top and in a scope.
        (Method::GET, "/none", &none, [404; 4]),
        (Method::POST, "/api/none", &none, [404; 4]),
    ];
    for (method, path, body, expected) in cases {
        for (caller, expected) in [None, Some("rob"), Some("eve"), Some("ada")]
            .into_iter()
            .zip(expected)
        {
            let found = status(method.clone(), path, caller, body()).await;
            assert_eq!(found, expected, "{method} {path} as {caller:?}");
        }
    }
}

#[actix_web::test]
async fn what_actix_web_answers_by_itself_is_no_fault_of_handlers() {
    let app = App::new()
        .app_data(authentication().unwrap())
        .app_data(web::Data::new(Store::with_samples()))
        .service(api())
        .wrap(DenyUnprotected::new());
    let app = init_service(app).await;
    for (method, path, expected) in [
        // A resource that has no route for the method.
        (Method::PATCH, "/api/articles/hello", 405),
        (Method::PUT, "/api/profiles/eve/follow", 405),
        // Scopes whose routes stand at "".
        (Method::PATCH, "/api/articles", 404),
        (Method::OPTIONS, "/api/tags", 404),
        (Method::POST, "/api/admin/users", 404),
        (Method::GET, "/api/admin/users/a/b", 404),
        (Method::GET, "/api/articles/hello/none", 404),
        (Method::GET, "/none", 404),
    ] {
        let request = TestRequest::with_uri(path).method(method.clone());
        let response = call_service(&app, request.to_request()).await;
        assert_eq!(response.status(), expected, "{method} {path}");
    }
}
