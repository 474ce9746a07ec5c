//! Methods and paths: the check is bound to the handler, so no spelling goes round it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::http::Method;
use actix_web::middleware::{NormalizePath, TrailingSlash};
use actix_web::test::TestRequest;
use actix_web::{App, get, route, test, web};
use auth_runtime::prelude::*;

use crate::support::principals::token;
use crate::support::server::{request, serve, status, without_date};
use crate::support::{auth, calls, send};

#[get("/x")]
#[requires_role("admin")]
async fn by_get(calls: web::Data<AtomicUsize>) -> &'static str {
    calls.fetch_add(1, Ordering::SeqCst);
    "secret"
}

#[route(
    "/a/b",
    method = "GET",
    method = "HEAD",
    method = "POST",
    method = "BREW"
)]
#[requires_role("admin")]
async fn by_route(calls: web::Data<AtomicUsize>) -> &'static str {
    calls.fetch_add(1, Ordering::SeqCst);
    "secret"
}

#[requires_role("admin")]
async fn by_any(calls: web::Data<AtomicUsize>) -> &'static str {
    calls.fetch_add(1, Ordering::SeqCst);
    "secret"
}

#[requires_role("admin", hide)]
async fn by_tail(calls: web::Data<AtomicUsize>) -> &'static str {
    calls.fetch_add(1, Ordering::SeqCst);
    "secret"
}

fn routes(config: &mut web::ServiceConfig) {
    config
        .app_data(auth())
        .service(by_get)
        .service(by_route)
        .service(web::resource("/any").to(by_any))
        .service(web::resource("/only-get").route(web::get().to(by_any)))
        .service(
            web::resource("/headed")
                .route(web::head().to(by_any))
                .route(web::get().to(by_any)),
        )
        .service(web::scope("/files").route("/{tail:.*}", web::to(by_tail)));
}

const METHODS: [&str; 11] = [
    "GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "TRACE", "get", "Get", "BREW", "CONNECT",
];

const PATHS: [&str; 6] = [
    "/x",
    "/a/b",
    "/any",
    "/only-get",
    "/headed",
    "/files/deep/er",
];

/// Headers that other systems take orders from.
const HEADERS: [&[(&str, &str)]; 10] = [
    &[],
    &[("X-HTTP-Method-Override", "GET")],
    &[("X-HTTP-Method", "GET"), ("X-Method-Override", "OPTIONS")],
    &[("X-Original-URL", "/public"), ("X-Rewrite-URL", "/public")],
    &[
        ("X-Forwarded-User", "ada"),
        ("X-User", "ada"),
        ("Remote-User", "ada"),
        ("X-Remote-User", "ada"),
    ],
    &[
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Real-IP", "127.0.0.1"),
        ("Forwarded", "for=127.0.0.1"),
    ],
    &[
        ("X-Roles", "admin"),
        ("X-Auth-Roles", "admin"),
        ("X-Auth-Request-User", "ada"),
    ],
    &[("Proxy-Authorization", "Bearer admin")],
    &[(
        "Cookie",
        "session=admin; token=admin; authorization=Bearer admin",
    )],
    &[
        ("X-Authorization", "Bearer admin"),
        ("Authorization-2", "Bearer admin"),
    ],
];

/// Ways to write `/x` and others that a proxy may read as something else.
const SPELLINGS: [&str; 34] = [
    "/x",
    "//x",
    "/x/",
    "/x//",
    "/x;a=b",
    "/x;",
    "/%78",
    "/%2578",
    "/x%0a",
    "/x%00",
    "/x%20",
    "/x%2f",
    "/x%2F",
    "/./x",
    "/a/../x",
    "/a/..%2fx",
    "/X",
    "/x?access_token=admin",
    "/x?token=admin&role=admin",
    "/x#y",
    "/x.json",
    "/x%3b",
    "/x\\",
    "/..;/x",
    "/a/b/",
    "/a//b",
    "/a%2fb",
    "/a/./b",
    "/A/b",
    "/a/b;c",
    "/any/",
    "/%61ny",
    "/files/../x",
    "/files/%2e%2e/x",
];

#[actix_web::test]
async fn every_method_and_header_is_refused_or_not_found() {
    let count = web::Data::new(AtomicUsize::new(0));
    let app = test::init_service(App::new().app_data(count.clone()).configure(routes)).await;
    for path in PATHS {
        for method in METHODS {
            for headers in HEADERS {
                for credentials in [None, Some("user"), Some("nobody")] {
                    let method = Method::from_bytes(method.as_bytes()).unwrap();
                    let mut request = TestRequest::default().method(method.clone()).uri(path);
                    for header in headers {
                        request = request.append_header(*header);
                    }
                    if let Some(credentials) = credentials {
                        request = request.insert_header(token(credentials));
                    }
                    let answer = send(&app, request.to_request()).await;
                    let expected: &[u16] = if credentials == Some("user") {
                        &[403, 404, 405]
                    } else {
                        &[401, 404, 405]
                    };
                    assert!(
                        expected.contains(&answer.status.as_u16()),
                        "{method} {path} {headers:?} {credentials:?}: {answer:?}"
                    );
                    assert!(!answer.text().contains("secret"), "{method} {path}");
                }
            }
        }
    }
    assert_eq!(count.load(Ordering::SeqCst), 0, "no handler ran");
    // The control: the handlers do run, for whom they should.
    for path in PATHS {
        let request = TestRequest::get().uri(path).insert_header(token("admin"));
        assert_eq!(
            send(&app, request.to_request()).await.text(),
            "secret",
            "{path}"
        );
    }
    assert_eq!(count.load(Ordering::SeqCst), PATHS.len());
}

#[actix_web::test]
async fn hm_03_head_does_not_slip_past() {
    let count = web::Data::new(AtomicUsize::new(0));
    let app = test::init_service(App::new().app_data(count.clone()).configure(routes)).await;
    for (path, status) in [
        ("/a/b", 403),
        ("/any", 403),
        ("/headed", 403),
        ("/x", 404),
        ("/only-get", 405),
    ] {
        let request = TestRequest::default()
            .method(Method::HEAD)
            .uri(path)
            .insert_header(token("user"));
        let answer = send(&app, request.to_request()).await;
        assert_eq!(answer.status, status, "{path}");
        if status == 403 {
            answer.assert_refused(403);
        }
    }
    assert_eq!((count.load(Ordering::SeqCst), calls::take()), (0, 0));
}

#[actix_web::test]
async fn every_spelling_of_a_path_is_refused_or_not_found_on_the_wire() {
    let count = Arc::new(AtomicUsize::new(0));
    let data = web::Data::from(Arc::clone(&count));
    for normalized in [false, true] {
        let data = data.clone();
        let server = serve(move || {
            let slashes = if normalized {
                TrailingSlash::Trim
            } else {
                TrailingSlash::MergeOnly
            };
            App::new()
                .wrap(NormalizePath::new(slashes))
                .app_data(data.clone())
                .configure(routes)
        });
        let absolute = SPELLINGS.map(|spelling| format!("http://localhost{spelling}"));
        let other_host = SPELLINGS.map(|spelling| format!("http://admin@elsewhere:1{spelling}"));
        for target in SPELLINGS
            .map(str::to_owned)
            .iter()
            .chain(&absolute)
            .chain(&other_host)
        {
            for headers in [
                HEADERS[0],
                HEADERS[1],
                HEADERS[3],
                &[("Authorization", "Bearer user")],
            ] {
                let answer = server.ask(request("GET", target, headers)).await;
                let status = status(&answer);
                assert!(
                    matches!(status, Some(400 | 401 | 403 | 404 | 405)),
                    "GET {target} {headers:?}: {answer}"
                );
                assert!(!answer.contains("secret"), "GET {target}: {answer}");
            }
        }
        server.stop().await;
    }
    assert_eq!(count.load(Ordering::SeqCst), 0, "no handler ran");
}

#[actix_web::test]
async fn odd_request_lines_are_refused_on_the_wire() {
    let count = Arc::new(AtomicUsize::new(0));
    let data = web::Data::from(Arc::clone(&count));
    let server = serve(move || App::new().app_data(data.clone()).configure(routes));
    for path in ["/x", "/a/b", "/any", "/files/a"] {
        for method in METHODS {
            for headers in [
                &[][..],
                &[("X-HTTP-Method-Override", "GET")],
                &[("Connection", "Upgrade"), ("Upgrade", "websocket")],
                &[("Expect", "100-continue")],
                &[("If-None-Match", "*")],
                &[("Range", "bytes=0-1")],
                &[
                    ("Authorization", "Bearer user"),
                    ("Authorization", "Bearer admin"),
                ],
                &[("Authorization", "Bearer admin, Bearer admin")],
                &[
                    ("Authorization", "Bearer user"),
                    ("X-Api-Key", "k3y"),
                    ("X-Api-Key", "k3y"),
                ],
            ] {
                let answer = server.ask(request(method, path, headers)).await;
                let status = status(&answer);
                assert!(
                    matches!(status, Some(400 | 401 | 403 | 404 | 405)),
                    "{method} {path} {headers:?}: {answer}"
                );
            }
        }
    }
    for line in [
        "GET /x HTTP/1.0\r\n\r\n".to_owned(),
        "GET /x HTTP/1.1\r\n\r\n".to_owned(),
        " GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".to_owned(),
        "GET  /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".to_owned(),
        "GET /x\r\n\r\n".to_owned(),
        "GET x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".to_owned(),
        "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".to_owned(),
        "CONNECT a:443 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".to_owned(),
        request("GET", "/x", &[("Authorization", "Bearer\tadmin")]),
        // A trailer is no header, and a body is no request.
        "POST /any HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: Authorization\r\n\r\n\
         0\r\nAuthorization: Bearer admin\r\n\r\n"
            .to_owned(),
        "POST /any HTTP/1.1\r\nHost: a\r\nContent-Length: 70\r\nTransfer-Encoding: chunked\r\n\r\n\
         0\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer admin\r\n\r\n"
            .to_owned(),
        request("GET", "/x", &[("Authorization", "Bearer admin x")]),
        request("GET", "/x", &[("Authorization", "\"Bearer\" admin")]),
        request("GET", "/x", &[("Authorization", "Bearer \"admin\"")]),
        request(
            "GET",
            "/x",
            &[("Authorization", "Basic YWRhOmNvcnJlY3QtaG9yc2U")],
        ),
        request("GET", "/x", &[("Authorization ", "Bearer admin")]),
        request("GET", "/x", &[("Authorization", "Bearer adm\u{131}n")]),
        request("GET", "/x", &[("X", "y\r\n Authorization: Bearer admin")]),
    ] {
        let answer = server.ask(line.clone()).await;
        assert!(!answer.contains("secret"), "{line:?}: {answer}");
        assert!(!answer.contains(" 500 "), "{line:?}: {answer}");
    }
    assert_eq!(count.load(Ordering::SeqCst), 0, "no handler ran");
    let answer = server
        .raw(request("GET", "/x", &[("Authorization", "Bearer admin")]))
        .await;
    assert!(answer.ends_with("secret"), "the control: {answer}");
    server.stop().await;
}

#[actix_web::test]
async fn hm_01_and_02_head_is_get_without_the_body_on_the_wire() {
    let data = web::Data::new(AtomicUsize::new(0));
    let server = serve(move || App::new().app_data(data.clone()).configure(routes));
    for credentials in [
        &[][..],
        &[("Authorization", "Bearer user")],
        &[("Authorization", "Bearer down")],
    ] {
        let get = server.raw(request("GET", "/any", credentials)).await;
        let head = server.raw(request("HEAD", "/any", credentials)).await;
        let (get_head, body) = get.split_once("\r\n\r\n").unwrap();
        let (head_head, no_body) = head.split_once("\r\n\r\n").unwrap();
        assert_eq!(no_body, "");
        assert!(body.starts_with('{'));
        // RFC 9110 §8.6: `Content-Length` of a HEAD is that of the GET, or it is left out.
        let lines = |text: &str, with_length: bool| {
            let text = without_date(text);
            let mut lines: Vec<String> = text
                .lines()
                .filter(|line| with_length || !line.starts_with("content-length"))
                .map(str::to_owned)
                .collect();
            lines.sort();
            lines
        };
        assert_eq!(lines(head_head, false), lines(get_head, false));
        let has_length = head_head.contains("content-length");
        assert!(
            !has_length || lines(head_head, true) == lines(get_head, true),
            "HEAD: {head_head}\nGET: {get_head}"
        );
    }
    server.stop().await;
}
