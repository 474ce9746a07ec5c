//! CORS: preflights and refusals that a script of another origin can read (Fetch).

use actix_cors::Cors;
use actix_web::App;
use actix_web::http::{Method, header};
use actix_web::test::{TestRequest, init_service};

use crate::support::app::{routes, send, with_basic};
use crate::support::{
    Answer, Calls, all_schemes, ask, assert_no_challenge, challenges, get, with_bearer,
};

const ORIGIN: &str = "https://app.example";

fn cors() -> Cors {
    Cors::default()
        .allowed_origin(ORIGIN)
        .allowed_methods(["GET", "PUT"])
        .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([header::WWW_AUTHENTICATE])
        .supports_credentials()
}

async fn across_origins(request: TestRequest) -> Answer {
    let calls = Calls::default();
    let app = App::new()
        .app_data(all_schemes())
        .app_data(calls.clone())
        .configure(routes)
        .wrap(cors());
    let request = request.insert_header(("origin", ORIGIN));
    let mut answer = send(&init_service(app).await, request).await;
    answer.calls = calls.count();
    answer
}

fn preflight(path: &str, method: &str) -> TestRequest {
    TestRequest::default()
        .method(Method::OPTIONS)
        .uri(path)
        .insert_header(("access-control-request-method", method.to_owned()))
        .insert_header(("access-control-request-headers", "authorization"))
}

#[actix_web::test]
async fn cors_01_cors_02_and_cors_03_a_preflight_needs_no_credentials() {
    for (path, method) in [
        ("/p", "GET"),
        ("/p", "PUT"),
        ("/r", "GET"),
        ("/k", "GET"),
        ("/hidden", "GET"),
    ] {
        let answer = across_origins(preflight(path, method)).await;
        // CORS-02: an ok status.
        assert!((200..300).contains(&answer.status), "{path}: {answer:?}");
        assert_eq!(answer.calls, 0);
        assert_no_challenge(&answer);
        // CORS-03: by name, for `*` does not cover it.
        let allowed = answer
            .header("access-control-allow-headers")
            .unwrap()
            .to_ascii_lowercase();
        assert!(
            allowed.split(", ").any(|name| name == "authorization"),
            "{allowed}"
        );
    }
}

/// The `Cors` layer stands outside of every handler, and the guard is in the handler: there is
/// only this order.
#[actix_web::test]
async fn cors_04_and_cors_05_a_script_can_read_a_refusal_and_its_challenge() {
    for (request, status, number) in [
        (get("/p"), 401, 4),
        (with_bearer("/p", "nobody"), 401, 4),
        (with_bearer("/r", "user"), 403, 0),
        (with_bearer("/s", "user"), 403, 1),
        (with_bearer("/p", "outage"), 503, 0),
    ] {
        let answer = across_origins(request).await;
        answer.assert_refused(status);
        assert_eq!(challenges(&answer).len(), number);
        assert_eq!(
            answer.header("access-control-allow-origin").as_deref(),
            Some(ORIGIN)
        );
        assert_eq!(
            answer.header("access-control-allow-credentials").as_deref(),
            Some("true")
        );
        let exposed = answer.header("access-control-expose-headers").unwrap();
        assert!(
            exposed.eq_ignore_ascii_case("www-authenticate"),
            "{exposed}"
        );
    }
    let granted = across_origins(with_bearer("/p", "user")).await;
    granted.assert_granted();
}

/// Browsers prompt for a password on a same-origin 401 with `Basic`. RFC 9110 §15.5.2 wants the
/// challenge all the same, whatever the request says of itself; `basic_options` has the switch.
#[actix_web::test]
async fn cors_06_the_challenge_of_basic_is_sent_whoever_asks() {
    let plain = ask(&all_schemes(), get("/b")).await;
    plain.assert_refused(401);
    assert_eq!(
        plain.lines("www-authenticate"),
        [r#"Basic realm="api", charset="UTF-8""#]
    );
    for (name, value) in [
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-mode", "same-origin"),
        ("x-requested-with", "XMLHttpRequest"),
    ] {
        let answer = ask(&all_schemes(), get("/b").insert_header((name, value))).await;
        assert_eq!(answer.seen(), plain.seen(), "{name}: {value}");
        let wrong = with_basic("/b", "ada:wrong").insert_header((name, value));
        let answer = ask(&all_schemes(), wrong).await;
        assert_eq!(
            answer.lines("www-authenticate"),
            plain.lines("www-authenticate")
        );
    }
}

#[actix_web::test]
async fn cors_07_an_answer_that_depends_on_the_origin_says_so() {
    for request in [
        get("/p"),
        with_bearer("/r", "user"),
        with_bearer("/p", "user"),
    ] {
        let answer = across_origins(request).await;
        let vary = answer.lines("vary").join(", ").to_ascii_lowercase();
        assert!(vary.split(", ").any(|name| name == "origin"), "{vary:?}");
    }
}

#[actix_web::options("/o")]
#[auth_runtime::requires_auth]
async fn options() -> &'static str {
    "options"
}

#[actix_web::test]
async fn cors_08_options_without_a_requested_method_is_no_preflight() {
    let app = || {
        App::new()
            .app_data(all_schemes())
            .app_data(Calls::default())
            .service(options)
            .wrap(cors())
    };
    let plain = || TestRequest::default().method(Method::OPTIONS).uri("/o");
    let answer = send(
        &init_service(app()).await,
        plain().insert_header(("origin", ORIGIN)),
    )
    .await;
    answer.assert_refused(401);
    let answer = send(&init_service(app()).await, plain()).await;
    answer.assert_refused(401);
    let request = preflight("/o", "GET").insert_header(("origin", ORIGIN));
    let answer = send(&init_service(app()).await, request).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, ""));
}
