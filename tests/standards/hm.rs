//! HM: HEAD and the other methods.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use auth_runtime::prelude::*;
use futures_util::stream;

use crate::support::app::{Called, Calls, routes};
use crate::support::wire::{Server, head};
use crate::support::{all_schemes, assert_no_challenge, bearer_only};

const USER: &str = "Authorization: Bearer user";
const ADMIN: &str = "Authorization: Bearer admin";

/// RFC 9110 §9.3.2: "the server SHOULD send the same header fields"; §8.6: a `Content-Length` that
/// is sent MUST be that of the answer to `GET`.
#[test]
fn hm_01_and_hm_02_head_has_the_header_of_get_and_no_body() {
    let server = Server::start(all_schemes());
    for lines in [
        &[][..],
        &[USER],
        &["Authorization: Bearer nobody"],
        &["Authorization: Bearer expired"],
        &["Authorization: Bearer outage"],
        &["Authorization: Bearer user", "Authorization: Bearer user"],
        &["X-Api-Key: good-key"],
    ] {
        let lines: Vec<_> = lines.iter().copied().chain(["Connection: close"]).collect();
        let of_get = server.ask(head("GET", "/head", &lines));
        let mut connection = server.connect();
        connection.write(head("HEAD", "/head", &lines));
        let of_head = connection.read(true);
        assert_eq!(connection.read_rest(), b"", "{lines:?}");
        assert_eq!(of_head.status, of_get.status);
        let without_length = |set: std::collections::BTreeSet<String>| -> Vec<String> {
            set.into_iter()
                .filter(|line| !line.starts_with("content-length"))
                .collect()
        };
        assert_eq!(
            without_length(of_head.header_set()),
            without_length(of_get.header_set())
        );
        if let Some(length) = of_head.header("content-length") {
            assert_eq!(Some(length), of_get.header("content-length"), "{lines:?}");
        }
        assert!(of_get.status >= 400 && !of_get.body.is_empty());
    }
}

#[test]
fn hm_01_a_connection_goes_on_after_a_refused_head() {
    let server = Server::start(bearer_only());
    let mut connection = server.connect();
    connection.write(head("HEAD", "/head", &[]));
    connection.write(head("GET", "/head", &[ADMIN]));
    assert_eq!(connection.read(true).status, 401);
    let answer = connection.read(false);
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (200, "get or head")
    );
}

#[test]
fn hm_03_head_is_guarded_as_get_is() {
    let server = Server::start(bearer_only());
    for (lines, status, calls) in [(&[][..], 401, 0), (&[USER], 403, 0), (&[ADMIN], 200, 1)] {
        for method in ["GET", "HEAD"] {
            let answer = server.ask(head(method, "/head", lines));
            assert_eq!(
                (answer.status, answer.calls),
                (status, calls),
                "{method} {lines:?}"
            );
        }
    }
    // `#[get]` serves no HEAD: actix-web knows no such path then, for anybody.
    for lines in [&[][..], &[USER], &[ADMIN]] {
        let answer = server.ask(head("HEAD", "/r", lines));
        assert_eq!((answer.status, answer.calls), (404, 0));
    }
}

#[test]
fn hm_04_methods_are_case_sensitive() {
    let server = Server::start(bearer_only());
    for method in ["get", "Get", "head", "BREW", "geT"] {
        for path in ["/r", "/head", "/p"] {
            let answer = server.ask(head(method, path, &[ADMIN]));
            assert!(
                (400..=501).contains(&answer.status),
                "{method} {path}: {answer:?}"
            );
            assert_eq!(answer.calls, 0);
        }
    }
}

fn resource(config: &mut web::ServiceConfig) {
    config.service(web::resource("/resource").route(web::get().to(in_resource)));
    routes(config);
}

#[requires_auth]
async fn in_resource(_: Called) -> &'static str {
    "resource"
}

/// The router answers before any handler: 404 beside `#[get]`, 405 with `Allow` in a resource.
#[test]
fn hm_05_a_method_that_is_not_served_is_answered_by_the_router() {
    let server = Server::start_with(bearer_only(), resource);
    for lines in [&[][..], &[USER], &["Authorization: Bearer nobody"]] {
        let answer = server.ask(head("DELETE", "/p", lines));
        assert_eq!((answer.status, answer.calls), (404, 0));
        assert_no_challenge(&answer);
        let answer = server.ask(head("DELETE", "/resource", lines));
        assert_eq!((answer.status, answer.calls), (405, 0));
        assert_eq!(answer.header("allow").as_deref(), Some("GET"));
        assert_no_challenge(&answer);
    }
    server
        .ask(head("GET", "/resource", &[]))
        .assert_refused(401);
    assert_eq!(server.ask(head("GET", "/resource", &[USER])).status, 200);
}

#[test]
fn hm_06_an_overriding_header_overrides_nothing() {
    let server = Server::start(bearer_only());
    for name in [
        "X-HTTP-Method-Override",
        "X-HTTP-Method",
        "X-Method-Override",
    ] {
        for method in ["GET", "HEAD", "PUT", "OPTIONS"] {
            let line = format!("{name}: {method}");
            let answer = server.ask(head("GET", "/r", &[&line, USER]));
            answer.assert_refused(403);
            let answer = server.ask(head("DELETE", "/p", &[&line, USER]));
            assert_eq!((answer.status, answer.calls), (404, 0));
        }
    }
}

#[test]
fn hm_07_options_is_no_way_into_a_handler() {
    let server = Server::start_with(bearer_only(), resource);
    for (path, status) in [
        ("/p", 404),
        ("/r", 404),
        ("/head", 404),
        ("/resource", 405),
        ("*", 404),
    ] {
        for lines in [&[][..], &[USER], &[ADMIN]] {
            let answer = server.ask(head("OPTIONS", path, lines));
            assert_eq!((answer.status, answer.calls), (status, 0), "{path}");
            assert_no_challenge(&answer);
        }
    }
}

/// What a WebSocket crate does once the handshake is accepted.
#[actix_web::get("/socket")]
#[requires_role("admin")]
async fn socket(request: HttpRequest) -> HttpResponse {
    Calls::note(&request);
    HttpResponse::SwitchingProtocols()
        .upgrade("websocket")
        .insert_header(("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
        .streaming(stream::empty::<Result<web::Bytes, actix_web::Error>>())
}

#[actix_web::get("/events")]
#[requires_role("admin")]
async fn events(request: HttpRequest) -> HttpResponse {
    Calls::note(&request);
    let event = web::Bytes::from_static(b"data: 1\n\n");
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .streaming(stream::iter([Ok::<_, actix_web::Error>(event)]))
}

fn long_lived(config: &mut web::ServiceConfig) {
    config.service(socket).service(events);
}

#[test]
fn hm_08_a_websocket_is_refused_before_it_is_accepted() {
    const HANDSHAKE: [&str; 4] = [
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    ];
    let server = Server::start_with(bearer_only(), long_lived);
    let ask = |line: Option<&str>| {
        let lines: Vec<_> = HANDSHAKE.into_iter().chain(line).collect();
        server.ask(head("GET", "/socket", &lines))
    };
    ask(None).assert_refused(401);
    ask(Some("Authorization: Bearer nobody")).assert_refused(401);
    let refused = ask(Some(USER));
    refused.assert_refused(403);
    assert_eq!(refused.header("upgrade"), None);
    let accepted = ask(Some(ADMIN));
    assert_eq!((accepted.status, accepted.calls), (101, 1));
}

#[test]
fn hm_08_a_stream_of_events_is_refused_before_its_first_byte() {
    let server = Server::start_with(bearer_only(), long_lived);
    let accept = "Accept: text/event-stream";
    server
        .ask(head("GET", "/events", &[accept]))
        .assert_refused(401);
    server
        .ask(head("GET", "/events", &[accept, USER]))
        .assert_refused(403);
    let granted = server.ask(head(
        "GET",
        "/events",
        &[accept, ADMIN, "Connection: close"],
    ));
    assert_eq!((granted.status, granted.calls), (200, 1));
    assert!(granted.text().contains("data: 1"));
}
