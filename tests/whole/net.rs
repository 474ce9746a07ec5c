//! Attacks on the net: answers that look harmless, and that a handler gave.

use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::http::{StatusCode, header};
use actix_web::middleware::{ErrorHandlerResponse, ErrorHandlers};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, HttpResponse, web};
use auth_runtime::DenyUnprotected;
use auth_runtime::audit::Memory;
use auth_runtime::prelude::*;
use futures_util::stream;

fn auth(log: &Memory) -> Auth {
    Auth::builder()
        .realm("net")
        .scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
        .audit(log.clone())
        .build()
        .unwrap()
}

/// Who may not know it learns from 404 and 500 which articles there are.
#[actix_web::test]
async fn a_handler_that_finds_nothing_is_no_answer_of_the_app() {
    async fn article(id: web::Path<u64>) -> HttpResponse {
        match *id {
            1 => HttpResponse::Ok().body("the article"),
            2 => HttpResponse::NotFound().body("no such article"),
            _ => HttpResponse::NotFound().finish(),
        }
    }
    let log = Memory::new();
    let app = App::new()
        .app_data(auth(&log))
        .wrap(DenyUnprotected::new())
        .route("/articles/{id}", web::get().to(article))
        .service(web::scope("/a").service(web::scope("/b").route("/{id}", web::get().to(article))));
    let app = init_service(app).await;
    for path in [
        "/articles/1",
        "/articles/2",
        "/articles/3",
        "/a/b/1",
        "/a/b/2",
        "/a/b/3",
    ] {
        let response = call_service(&app, TestRequest::with_uri(path).to_request()).await;
        assert_eq!(response.status(), 500, "{path}");
        let body = read_body(response).await;
        assert!(!body.windows(7).any(|part| part == b"article"), "{path}");
    }
    assert_eq!(log.take().len(), 6);
    // What the app does not have, it does not have: also where a scope takes the whole path.
    for path in ["/nowhere", "/a", "/a/b", "/a/b/3/c", "/articles"] {
        let response = call_service(&app, TestRequest::with_uri(path).to_request()).await;
        assert_eq!(response.status(), 404, "{path}");
    }
    assert!(log.take().is_empty());
}

#[actix_web::test]
async fn nothing_of_a_stream_is_sent_and_no_connection_is_upgraded() {
    let polled = Rc::new(AtomicUsize::new(0));
    let of_handler = Rc::clone(&polled);
    let streaming = move || {
        let polled = Rc::clone(&of_handler);
        async move {
            let body = stream::poll_fn(move |_| {
                polled.fetch_add(1, Ordering::SeqCst);
                let piece = web::Bytes::from_static(b"secret");
                std::task::Poll::Ready(Some(Ok::<_, std::io::Error>(piece)))
            });
            HttpResponse::Ok().streaming(body)
        }
    };
    let upgraded = || async {
        HttpResponse::SwitchingProtocols()
            .insert_header((header::UPGRADE, "websocket"))
            .upgrade("websocket")
            .finish()
    };
    let log = Memory::new();
    let app = App::new()
        .app_data(auth(&log))
        .wrap(DenyUnprotected::new())
        .route("/stream", web::get().to(streaming))
        .route("/socket", web::get().to(upgraded));
    let app = init_service(app).await;
    for path in ["/stream", "/socket"] {
        let response = call_service(&app, TestRequest::with_uri(path).to_request()).await;
        assert_eq!(response.status(), 500, "{path}");
        assert!(!response.headers().contains_key(header::UPGRADE), "{path}");
        let body = read_body(response).await;
        assert!(!body.windows(6).any(|part| part == b"secret"), "{path}");
    }
    assert_eq!(polled.load(Ordering::SeqCst), 0);
    assert_eq!(log.take().len(), 2);
}

#[actix_web::test]
async fn an_error_page_is_the_apps_own_and_hides_no_handler() {
    fn page<B: 'static>() -> ErrorHandlers<B> {
        ErrorHandlers::new().handler(StatusCode::NOT_FOUND, |response| {
            let (request, _) = response.into_parts();
            let page = HttpResponse::NotFound().body("this page is not here");
            let response = actix_web::dev::ServiceResponse::new(request, page);
            Ok(ErrorHandlerResponse::Response(
                response.map_into_right_body(),
            ))
        })
    }
    let log = Memory::new();
    let auth = auth(&log);
    let app = || {
        App::new()
            .app_data(auth.clone())
            .route("/forgotten", web::get().to(HttpResponse::NotFound))
    };
    // A page outside the net, and one inside for an app that says what answers unknown paths. Without
    // that, it could be the page of a default service that nobody decided about.
    let outside = app().wrap(DenyUnprotected::new()).wrap(page());
    let inside = app().wrap(page()).wrap(DenyUnprotected::new());
    let inside = inside.default_service(auth.not_found_service());
    let undeclared = app().wrap(page()).wrap(DenyUnprotected::new());
    macro_rules! answers {
        ($app:expr) => {{
            let app = init_service($app).await;
            let mut answers = Vec::new();
            for path in ["/nowhere", "/forgotten"] {
                let request = TestRequest::with_uri(path).to_request();
                let response = call_service(&app, request).await;
                let is_page = response.status() == 404;
                assert!(is_page || response.status() == 500, "{path}");
                let body = read_body(response).await;
                assert_eq!(body == "this page is not here", is_page, "{path}");
                answers.push(is_page);
            }
            answers
        }};
    }
    assert_eq!(answers!(outside), [true, false]);
    assert_eq!(answers!(inside), [true, false]);
    assert_eq!(answers!(undeclared), [false, false]);
}
