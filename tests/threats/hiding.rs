//! The hidden 404: no way to tell it from the app's own.

use actix_web::dev::{RequestHead, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::test::TestRequest;
use actix_web::{App, Error, HttpResponse, get, test, web};
use auth_runtime::AuthBuilder;
use auth_runtime::prelude::*;

use crate::support::gate::yields;
use crate::support::principals::{token, verify};
use crate::support::server::{serve, without_date};
use crate::support::{Answer, auth, bearer, builder, calls, log, send};

#[get("/hidden")]
#[requires_role("admin", hide)]
async fn hidden() -> &'static str {
    calls::count();
    "hidden"
}

#[requires(all(role("admin"), policy(never)), hide)]
async fn hidden_any(_: web::Json<serde_json::Value>) -> &'static str {
    calls::count();
    "hidden"
}

async fn never() -> Result<Decision, &'static str> {
    Err("it broke")
}

fn services(config: &mut web::ServiceConfig) {
    config
        .service(hidden)
        .service(web::resource("/hidden/any").to(hidden_any))
        .service(web::scope("/scope").service(web::resource("/hidden").to(hidden_any)));
}

const METHODS: [&str; 6] = ["GET", "HEAD", "OPTIONS", "POST", "DELETE", "BREW"];
const HIDDEN: [&str; 3] = ["/hidden", "/hidden/any", "/scope/hidden"];
const CREDENTIALS: [Option<&str>; 8] = [
    None,
    Some("user"),
    Some("nobody"),
    Some("expired"),
    Some("down"),
    Some("panic"),
    Some("no token"),
    Some("admin twice"),
];

fn ask(method: &str, path: &str, credentials: Option<&str>) -> TestRequest {
    let request = TestRequest::default()
        .method(Method::from_bytes(method.as_bytes()).unwrap())
        .uri(path)
        .insert_header(("accept", "text/html"))
        .insert_header(("content-type", "text/plain"))
        .set_payload("{");
    match credentials {
        None => request,
        Some("admin twice") => request
            .append_header(token("admin"))
            .append_header(token("admin")),
        Some(credentials) => request.insert_header(token(credentials)),
    }
}

/// Every refusal of every hidden handler is what the app answers to a path that it does not have.
async fn assert_hidden<T>(app: impl Fn() -> App<T>, expect: impl Fn(&Answer))
where
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse,
            Error = Error,
            InitError = (),
            Future: 'static,
        > + 'static,
{
    let app = test::init_service(app()).await;
    for method in METHODS {
        for credentials in CREDENTIALS {
            let unknown = send(&app, ask(method, "/unknown", credentials).to_request()).await;
            expect(&unknown);
            for path in HIDDEN {
                let answer = send(&app, ask(method, path, credentials).to_request()).await;
                assert_eq!(
                    answer.fingerprint(),
                    unknown.fingerprint(),
                    "{method} {path} {credentials:?}"
                );
            }
        }
    }
    assert_eq!(calls::take(), 0);
}

#[actix_web::test]
async fn f403_08_with_the_apps_default_404() {
    let auth = auth();
    assert_hidden(
        || App::new().app_data(auth.clone()).configure(services),
        |unknown| assert_eq!((unknown.status.as_u16(), unknown.headers.len()), (404, 0)),
    )
    .await;
}

#[actix_web::test]
async fn f403_08_with_a_verifier_that_takes_its_time() {
    let scheme = Bearer::new(|token: Secret<'static>| async move {
        yields(4).await;
        verify(token.expose())
    });
    let auth = bearer(scheme).build().unwrap();
    assert_hidden(
        || App::new().app_data(auth.clone()).configure(services),
        |unknown| assert_eq!((unknown.status.as_u16(), unknown.headers.len()), (404, 0)),
    )
    .await;
}

#[actix_web::test]
async fn cache_02_with_the_not_found_service() {
    let auth = auth();
    assert_hidden(
        || {
            App::new()
                .app_data(auth.clone())
                .configure(services)
                .default_service(auth.not_found_service())
        },
        |unknown| {
            assert_eq!(unknown.status, 404);
            assert_eq!(
                unknown.header(actix_web::http::header::CACHE_CONTROL),
                Some("no-store")
            );
        },
    )
    .await;
}

#[actix_web::test]
async fn f403_08_with_a_not_found_renderer_of_the_apps_own() {
    let auth = builder()
        .not_found(|head: &RequestHead| {
            HttpResponse::NotFound()
                .insert_header(("x-powered-by", "nothing"))
                .content_type("text/plain")
                .body(format!("{} leads nowhere", head.method))
        })
        .build()
        .unwrap();
    assert_hidden(
        || {
            App::new()
                .app_data(auth.clone())
                .configure(services)
                .default_service(auth.not_found_service())
        },
        |unknown| assert!(unknown.text().ends_with("leads nowhere")),
    )
    .await;
}

#[actix_web::test]
async fn f403_08_with_another_status_of_the_apps_own() {
    let auth = builder()
        .not_found(|_: &RequestHead| HttpResponse::Gone().finish())
        .build()
        .unwrap();
    assert_hidden(
        || {
            App::new()
                .app_data(auth.clone())
                .configure(services)
                .default_service(auth.not_found_service())
        },
        |unknown| assert_eq!(unknown.status, 410),
    )
    .await;
}

#[actix_web::test]
async fn f403_08_without_a_configuration_and_with_two() {
    assert_hidden(
        || App::new().configure(services),
        |unknown| assert_eq!((unknown.status.as_u16(), unknown.headers.len()), (404, 0)),
    )
    .await;
    let (first, second) = (auth(), auth());
    assert_hidden(
        || {
            App::new()
                .app_data(first.clone())
                .app_data(web::Data::new(second.clone()))
                .configure(services)
        },
        |unknown| assert_eq!((unknown.status.as_u16(), unknown.headers.len()), (404, 0)),
    )
    .await;
}

#[actix_web::test]
async fn f403_08_with_everything_that_makes_refusals_speak() {
    let setting = |builder: AuthBuilder| {
        builder
            .explain_denials(true)
            .challenge_every_bearer_403(true)
            .renderer(auth_runtime::denial::Negotiated)
            .deny_networks(["192.0.2.0/24"])
            .build()
            .unwrap()
    };
    let auth = setting(builder());
    assert_hidden(
        || App::new().app_data(auth.clone()).configure(services),
        |unknown| assert_eq!((unknown.status.as_u16(), unknown.headers.len()), (404, 0)),
    )
    .await;
}

#[actix_web::test]
async fn f403_08_byte_by_byte_on_the_wire() {
    for with_service in [false, true] {
        let auth = auth();
        let server = serve(move || {
            let app = App::new().app_data(auth.clone()).configure(services);
            let not_found = if with_service {
                auth.not_found_service()
            } else {
                web::to(HttpResponse::NotFound)
            };
            app.default_service(not_found)
        });
        for method in METHODS {
            for credentials in [
                "",
                "Authorization: Bearer user\r\n",
                "Authorization: Bearer nobody\r\n",
            ] {
                for (framing, body) in [
                    ("", ""),
                    ("Content-Length: 2\r\n", "{}"),
                    ("Content-Length: 20\r\n", "not JSON, not JSON, "),
                    ("Content-Length: 1000\r\n", "0123456789"),
                    ("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"),
                ] {
                    let ask = |path: &str| {
                        format!(
                            "{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
                             {credentials}{framing}\r\n{body}"
                        )
                    };
                    let unknown = without_date(&server.ask(ask("/nothing")).await);
                    for path in HIDDEN {
                        let answer = without_date(&server.ask(ask(path)).await);
                        assert_eq!(answer, unknown, "{method} {path} {credentials}{framing}");
                    }
                }
            }
        }
        server.stop().await;
    }
}

#[actix_web::test]
async fn the_log_keeps_the_true_reason() {
    log::start();
    let app = test::init_service(App::new().app_data(auth()).configure(services)).await;
    for (credentials, reason) in [
        (None, "no_credentials"),
        (Some("user"), "requirement_not_met"),
        (Some("nobody"), "invalid_credentials"),
        (Some("expired"), "expired_credentials"),
        (Some("down"), "verifier_unavailable"),
        (Some("panic"), "verifier_panicked"),
        (Some("admin twice"), "ambiguous_credentials"),
    ] {
        send(&app, ask("GET", "/hidden", credentials).to_request()).await;
        let log = log::take();
        assert!(
            log.contains(&format!("reason=\"{reason}\"")),
            "{reason}: {log}"
        );
        assert!(log.contains("threats::hiding::hidden"), "{log}");
    }
}

#[actix_web::test]
async fn who_may_sees_what_is_hidden_and_its_own_errors() {
    let app = test::init_service(App::new().app_data(auth()).configure(services)).await;
    send(&app, ask("GET", "/hidden", Some("admin")).to_request())
        .await
        .assert_granted();
}
