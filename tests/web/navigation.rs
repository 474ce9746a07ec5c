//! Where a browser is sent: to the login page and back, and nowhere else.

use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, LOCATION, WWW_AUTHENTICATE};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, HttpResponse, get, post, web};
use auth_runtime::http::LocalPath;
use auth_runtime::prelude::*;

/// Knows ada by a cookie, and rob by a token.
struct Cookies;

impl auth_runtime::scheme::Scheme for Cookies {
    fn name(&self) -> &'static str {
        "Cookie"
    }

    fn credential_header(&self) -> Option<&actix_web::http::header::HeaderName> {
        Some(&actix_web::http::header::COOKIE)
    }

    fn authenticate(
        &self,
        credentials: &auth_runtime::http::Credentials<'_>,
    ) -> auth_runtime::scheme::Attempt {
        use auth_runtime::scheme::Attempt;
        match credentials.cookie("sid") {
            Ok(None) => Attempt::Absent,
            Ok(Some(b"ada")) => Attempt::verified(Some(Principal::new("ada"))),
            Ok(Some(b"down")) => Attempt::verified(Err::<Principal, _>(VerifyError::unavailable())),
            Ok(Some(_)) => Attempt::invalid(),
            Err(_) => Attempt::Ambiguous,
        }
    }
}

fn auth() -> AuthBuilder {
    Auth::builder()
        .realm("shop")
        .scheme(Bearer::sync(|token: Secret<'_>| {
            token.ct_eq("rob").then(|| Principal::new("rob"))
        }))
        .scheme(Cookies)
        .login_page("/login")
}

use auth_runtime::AuthBuilder;

#[get("/account")]
#[requires_auth]
async fn account(_caller: Authenticated) -> &'static str {
    "account"
}

#[post("/account")]
#[requires_auth]
async fn change() -> &'static str {
    "changed"
}

#[get("/admin")]
#[requires_role("admin")]
async fn admin() -> &'static str {
    "admin"
}

#[get("/secret")]
#[requires_role("admin", hide)]
async fn secret() -> &'static str {
    "secret"
}

#[get("/fresh")]
#[requires(max_age("5m"))]
async fn fresh() -> &'static str {
    "fresh"
}

#[get("/api")]
#[requires(scheme(Bearer))]
async fn api() -> &'static str {
    "api"
}

#[get("/extracted")]
async fn extracted(_caller: Authenticated) -> &'static str {
    "extracted"
}

#[get("/login")]
#[requires_auth]
async fn login() -> &'static str {
    "a login page that asks for a login"
}

#[derive(serde::Deserialize)]
struct Page {
    #[serde(default)]
    next: LocalPath,
}

#[post("/back")]
#[public(reason = "the test of where one is sent back to")]
async fn back(page: web::Form<Page>) -> HttpResponse {
    page.next.see_other()
}

fn services(config: &mut web::ServiceConfig) {
    config
        .service(account)
        .service(change)
        .service(admin)
        .service(secret);
    config
        .service(fresh)
        .service(api)
        .service(extracted)
        .service(login)
        .service(back);
}

/// Status and `Location`.
macro_rules! sent {
    ($auth:expr, $method:ident $path:expr, $lines:expr) => {{
        let app = init_service(
            App::new()
                .app_data($auth.build().unwrap())
                .configure(services),
        )
        .await;
        let mut request = TestRequest::with_uri($path).method(Method::$method);
        for line in $lines {
            request = request.append_header(line);
        }
        let response = call_service(&app, request.to_request()).await;
        let status = response.status().as_u16();
        let header = |name| {
            response
                .headers()
                .get(name)
                .map(|line| line.to_str().unwrap().to_owned())
        };
        let challenge = header(WWW_AUTHENTICATE);
        assert_eq!(
            challenge.is_some(),
            matches!(status, 400 | 401),
            "{challenge:?}"
        );
        if status == 303 {
            assert_eq!(header(CACHE_CONTROL).as_deref(), Some("no-store"));
        }
        (status, header(LOCATION))
    }};
}

const NAVIGATE: (&str, &str) = ("sec-fetch-mode", "navigate");
const HTML: (&str, &str) = (
    "accept",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
);
const ADA: (&str, &str) = ("cookie", "sid=ada");
const HOST: (&str, &str) = ("host", "shop.example");

fn to(location: &str) -> (u16, Option<String>) {
    (303, Some(location.to_owned()))
}

#[actix_web::test]
async fn a_navigation_is_sent_to_the_login_page_and_nothing_else_is() {
    for (lines, is_sent) in [
        (vec![NAVIGATE], true),
        (vec![NAVIGATE, ("accept", "application/json")], true),
        (vec![HTML], true),
        (vec![("accept", "text/html")], true),
        (vec![], false),
        (vec![("accept", "*/*")], false),
        (vec![("accept", "application/json")], false),
        (vec![("accept", "application/json, text/html;q=0.5")], false),
        (vec![("sec-fetch-mode", "cors"), HTML], false),
        (vec![("sec-fetch-mode", "no-cors"), HTML], false),
        (vec![("sec-fetch-mode", "websocket"), HTML], false),
        (vec![("sec-fetch-mode", "same-origin"), HTML], false),
        (vec![NAVIGATE, ("sec-fetch-mode", "cors")], false),
        (vec![("x-requested-with", "XMLHttpRequest"), HTML], false),
        // What was presented is of no use.
        (vec![NAVIGATE, ("cookie", "sid=old")], true),
        (vec![NAVIGATE, ("authorization", "Bearer wrong")], true),
    ] {
        for path in ["/account", "/extracted", "/admin", "/fresh"] {
            let expected = if is_sent {
                to(&format!("/login?next={path}"))
            } else {
                (401, None)
            };
            assert_eq!(
                sent!(auth(), GET path, lines.clone()),
                expected,
                "{path} {lines:?}"
            );
        }
    }
    assert_eq!(
        sent!(auth(), HEAD "/account", [HTML]).0,
        404,
        "there is no route for it"
    );
}

#[actix_web::test]
async fn only_a_401_that_a_login_would_help_is_a_redirect() {
    // Authenticated, and may not.
    assert_eq!(sent!(auth(), GET "/admin", [NAVIGATE, ADA]), (403, None));
    // Hidden: as an unknown path.
    assert_eq!(sent!(auth(), GET "/secret", [NAVIGATE]), (404, None));
    assert_eq!(sent!(auth(), GET "/secret", [NAVIGATE, ADA]), (404, None));
    // A login gives no token.
    assert_eq!(sent!(auth(), GET "/api", [NAVIGATE]), (401, None));
    // Two cookies, and a verifier that is away.
    assert_eq!(
        sent!(auth(), GET "/account", [NAVIGATE, ("cookie", "sid=ada; sid=rob")]),
        (400, None)
    );
    assert_eq!(
        sent!(auth(), GET "/account", [NAVIGATE, ("cookie", "sid=down")]),
        (503, None)
    );
    // In a circle.
    assert_eq!(sent!(auth(), GET "/login?next=/", [NAVIGATE]), (401, None));
    // Where it is not asked for.
    let auth = Auth::builder().realm("shop").scheme(Cookies);
    assert_eq!(sent!(auth, GET "/account", [NAVIGATE]), (401, None));
}

#[actix_web::test]
async fn v7_5_1_a_step_up_is_a_redirect_for_those_who_logged_in_by_a_page() {
    assert_eq!(
        sent!(auth(), GET "/fresh", [NAVIGATE, ADA]),
        to("/login?next=/fresh")
    );
    let apart = || auth().step_up_page("/confirm");
    assert_eq!(
        sent!(apart(), GET "/fresh", [NAVIGATE, ADA]),
        to("/confirm?next=/fresh")
    );
    assert_eq!(
        sent!(apart(), GET "/account", [NAVIGATE]),
        to("/login?next=/account")
    );
    assert_eq!(sent!(apart(), GET "/fresh", [ADA]), (401, None));
    let rob = ("authorization", "Bearer rob");
    assert_eq!(sent!(apart(), GET "/fresh", [NAVIGATE, rob]), (401, None));
}

#[actix_web::test]
async fn next_is_the_page_that_was_asked_for() {
    let next = |path: &str| format!("/login?next={path}");
    for (path, expected) in [
        (
            "/account?page=2&q=a%20b",
            "/account%3Fpage%3D2%26q%3Da%2520b",
        ),
        (
            "/account?next=//evil.example",
            "/account%3Fnext%3D//evil.example",
        ),
        ("/account", "/account"),
    ] {
        assert_eq!(sent!(auth(), GET path, [NAVIGATE]), to(&next(expected)));
    }
    // Nothing of the request's host is in it.
    let evil = ("host", "evil.example");
    assert_eq!(
        sent!(auth(), GET "/account", [NAVIGATE, evil]),
        to(&next("/account"))
    );
    let forwarded = ("x-forwarded-host", "evil.example");
    assert_eq!(
        sent!(auth(), GET "/account", [NAVIGATE, forwarded]),
        to(&next("/account"))
    );
}

#[actix_web::test]
async fn an_interrupted_form_comes_back_to_its_page() {
    for (referer, expected) in [
        ("http://shop.example/form?x=1", "/form%3Fx%3D1"),
        ("https://shop.example/form#part", "/form"),
        ("http://evil.example/form", "/"),
        ("http://shop.example@evil.example/form", "/"),
        ("http://shop.example//evil.example", "/"),
        ("http://shop.example/%2fevil.example", "/"),
        ("http://shop.example/login?next=/login", "/"),
        ("/form", "/"),
        ("about:blank", "/"),
    ] {
        let lines = [NAVIGATE, HOST, ("referer", referer)];
        let sent = sent!(auth(), POST "/account", lines);
        assert_eq!(sent, to(&format!("/login?next={expected}")), "{referer}");
    }
    assert_eq!(
        sent!(auth(), POST "/account", [NAVIGATE, HOST]),
        to("/login?next=/")
    );
    assert_eq!(sent!(auth(), POST "/account", [HTML, HOST]), (401, None));
}

#[actix_web::test]
async fn v3_7_2_a_login_page_sends_to_this_origin_or_to_the_start() {
    let app = init_service(
        App::new()
            .app_data(auth().build().unwrap())
            .configure(services),
    )
    .await;
    for (next, expected) in [
        ("/orders?page=2", "/orders?page=2"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https:evil.example", "/"),
        ("%2f%2fevil.example", "/"),
        ("/%09/evil.example", "/"),
        ("/a\r\nSet-Cookie: a=b", "/"),
        ("https://ada:pw@evil.example", "/"),
        ("/a#b", "/"),
        (&format!("/{}", "a".repeat(8192)), "/"),
    ] {
        let request = TestRequest::post().uri("/back").set_form([("next", next)]);
        let response = call_service(&app, request.to_request()).await;
        assert_eq!(response.status(), 303);
        assert_eq!(
            response.headers().get(LOCATION).unwrap(),
            expected,
            "{next:?}"
        );
    }
    let request = TestRequest::post().uri("/back").set_form([("other", "x")]);
    let response = call_service(&app, request.to_request()).await;
    assert_eq!(response.headers().get(LOCATION).unwrap(), "/");
}

#[test]
fn a_login_page_that_cannot_be_sent_to_does_not_build() {
    for page in [
        "login",
        "//evil.example",
        "https://evil.example/login",
        "/login?x=1",
        "/login#x",
        "",
    ] {
        let built = auth().login_page(page).build();
        assert!(built.is_err(), "{page}");
        assert!(auth().step_up_page(page).build().is_err(), "{page}");
    }
    let without = Auth::builder()
        .realm("shop")
        .scheme(Cookies)
        .step_up_page("/confirm");
    assert!(without.build().is_err());
}
