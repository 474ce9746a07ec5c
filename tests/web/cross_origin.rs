//! Requests that a page of another origin makes a browser send.

use std::cell::Cell;

use actix_session::storage::CookieSessionStore;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::Method;
use actix_web::http::header::WWW_AUTHENTICATE;
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, init_service, try_call_service};
use actix_web::{App, FromRequest, HttpRequest, HttpResponse, get, post, web};
use auth_runtime::prelude::*;
use auth_runtime::review::{AccessLock, AccessMatrix};
use auth_runtime::{CsrfForm, CsrfHeader, CsrfToken, ProtectedScope};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream;

use crate::sessions::World;

fn auth() -> auth_runtime::AuthBuilder {
    Auth::builder()
        .realm("shop")
        .scheme(Bearer::sync(|token: Secret<'_>| {
            token.ct_eq("ada").then(|| Principal::new("ada"))
        }))
        .scheme(ApiKey::sync("X-Api-Key", |key: Secret<'_>| {
            key.ct_eq("ada").then(|| Principal::new("ada"))
        }))
        .scheme(Basic::sync(|user: String, password: Secret<'_>| {
            password
                .ct_eq("correct-horse")
                .then(|| Principal::new(user))
        }))
        .trusted_origins(["https://partner.example"])
}

thread_local! {
    /// How often an extractor was made or a body was polled, in this test.
    static READ: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

impl FromRequest for Counting {
    type Error = actix_web::Error;
    type Future = std::future::Ready<Result<Self, actix_web::Error>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        READ.set(READ.get() + 1);
        std::future::ready(Ok(Self))
    }
}

#[post("/attribute")]
#[requires_auth]
async fn attribute(_first: Counting, _body: web::Bytes) -> &'static str {
    "done"
}

#[post("/extracted")]
async fn extracted(_caller: Authenticated) -> &'static str {
    "done"
}

#[post("/optional")]
#[public(reason = "for anyone")]
async fn optional(caller: MaybeAuthenticated) -> String {
    caller
        .principal()
        .map_or("nobody", Principal::subject)
        .to_owned()
}

#[post("/open")]
#[public(reason = "for anyone")]
async fn open() -> &'static str {
    "done"
}

#[post("/admin")]
#[requires_role("admin")]
async fn admin() -> &'static str {
    "done"
}

#[post("/secret")]
#[requires_auth(hide)]
async fn secret() -> &'static str {
    "done"
}

#[post("/fresh")]
#[requires(max_age("5m"))]
async fn fresh() -> &'static str {
    "done"
}

#[get("/ws")]
#[requires_auth]
async fn socket() -> &'static str {
    "done"
}

#[requires_auth]
async fn routed() -> &'static str {
    "done"
}

#[requires_auth]
mod block {
    use actix_web::post;

    #[post("/block")]
    pub(super) async fn inside() -> &'static str {
        "done"
    }
}

#[post("/login")]
#[public(reason = "callers log in here")]
async fn login() -> &'static str {
    "done"
}

#[post("/form")]
#[public(reason = "callers log in here", same_origin)]
async fn own_form() -> &'static str {
    "done"
}

#[post("/paid")]
#[requires_auth(cross_origin = "the payment provider posts the form")]
async fn paid_elsewhere(_caller: Authenticated) -> &'static str {
    "done"
}

fn services(config: &mut web::ServiceConfig) {
    config
        .service(attribute)
        .service(extracted)
        .service(optional)
        .service(open);
    config
        .service(admin)
        .service(secret)
        .service(fresh)
        .service(socket);
    config
        .service(block::inside)
        .service(own_form)
        .service(paid_elsewhere);
    config.service(
        web::scope("/required")
            .wrap(auth_runtime::require!(authenticated))
            .route("/closure", web::post().to(|| async { "done" })),
    );
    config.service(ProtectedScope::new("/mount").route("/routed", (web::post(), routed)));
    config.service(
        web::scope("/in")
            .wrap(from_fn(auth_runtime::same_origin))
            .service(login),
    );
}

/// The status of a request to a fresh app, whose body nothing may read where it is refused.
macro_rules! status {
    ($method:ident $path:expr, $lines:expr) => {{
        let app = init_service(
            App::new()
                .app_data(auth().build().unwrap())
                .configure(services),
        )
        .await;
        let mut request = TestRequest::with_uri($path).method(Method::$method);
        for line in $lines {
            request = request.append_header(line.clone());
        }
        let (request, _) =
            request
                .to_request()
                .replace_payload(Payload::from(Box::pin(stream::once(async {
                    READ.set(READ.get() + 1);
                    Ok::<_, PayloadError>(web::Bytes::from_static(b"x"))
                }))
                    as std::pin::Pin<
                        Box<dyn futures_util::Stream<Item = Result<web::Bytes, PayloadError>>>,
                    >));
        match try_call_service(&app, request).await {
            Ok(response) => {
                if response.status() == 403 {
                    assert!(!response.headers().contains_key(WWW_AUTHENTICATE));
                }
                response.status().as_u16()
            }
            Err(error) => error.error_response().status().as_u16(),
        }
    }};
}

type Line = (&'static str, String);

fn line(name: &'static str, value: &str) -> Line {
    (name, value.to_owned())
}

fn basic() -> Line {
    (
        "authorization",
        format!("Basic {}", STANDARD.encode("ada:correct-horse")),
    )
}

fn evil() -> Vec<Line> {
    vec![
        line("host", "shop.example"),
        line("origin", "https://evil.example"),
        line("sec-fetch-site", "cross-site"),
    ]
}

const HANDLERS: [&str; 6] = [
    "/attribute",
    "/extracted",
    "/optional",
    "/mount/routed",
    "/block",
    "/required/closure",
];

#[actix_web::test]
async fn v3_5_1_every_handler_refuses_what_another_site_sends_with_basic() {
    for path in HANDLERS {
        let mut lines = evil();
        lines.push(basic());
        let before = READ.get();
        assert_eq!(status!(POST path, &lines), 403, "{path}");
        assert_eq!(READ.get(), before, "{path} was read");
        // From this origin, from a trusted one, and from no browser.
        for said in [
            vec![line("sec-fetch-site", "same-origin")],
            vec![
                line("host", "shop.example"),
                line("origin", "https://shop.example"),
            ],
            vec![
                line("sec-fetch-site", "cross-site"),
                line("origin", "https://partner.example"),
            ],
            vec![],
        ] {
            let mut lines = said;
            lines.push(basic());
            assert_eq!(status!(POST path, &lines), 200, "{path} {lines:?}");
        }
    }
}

#[actix_web::test]
async fn credentials_that_a_script_has_to_add_are_not_concerned() {
    for credentials in [
        line("authorization", "Bearer ada"),
        line("x-api-key", "ada"),
    ] {
        for path in HANDLERS {
            let mut lines = evil();
            lines.push(credentials.clone());
            assert_eq!(status!(POST path, &lines), 200, "{path}");
        }
    }
}

#[actix_web::test]
async fn the_order_of_answers_is_kept() {
    let mut lines = evil();
    for (path, status) in [
        ("/attribute", 401),
        ("/extracted", 401),
        ("/optional", 200),
        ("/open", 200),
        ("/secret", 404),
    ] {
        assert_eq!(status!(POST path, &lines), status, "{path}");
    }
    lines.push((
        "authorization",
        format!("Basic {}", STANDARD.encode("ada:wrong")),
    ));
    assert_eq!(status!(POST "/attribute", &lines), 401);
    lines.pop();
    lines.push(basic());
    // Before a step-up, and before the requirement; and `hide` wins.
    for (path, status) in [("/fresh", 403), ("/admin", 403), ("/secret", 404)] {
        assert_eq!(status!(POST path, &lines), status, "{path}");
    }
    assert_eq!(status!(POST "/fresh", &[basic()]), 401);
}

#[actix_web::test]
async fn v4_4_2_a_web_socket_of_another_site_is_refused() {
    let handshake = [
        line("upgrade", "websocket"),
        line("connection", "upgrade"),
        basic(),
    ];
    let mut lines = evil();
    assert_eq!(status!(GET "/ws", lines.iter().chain(&[basic()])), 200);
    lines.extend(handshake.clone());
    assert_eq!(status!(GET "/ws", &lines), 403);
    assert_eq!(status!(GET "/ws", &handshake), 200);
}

#[actix_web::test]
async fn v3_5_1_a_login_form_takes_no_request_of_another_site() {
    assert_eq!(status!(POST "/in/login", &evil()), 403);
    assert_eq!(
        status!(POST "/in/login", &[line("sec-fetch-site", "same-origin")]),
        200
    );
    let none: [Line; 0] = [];
    assert_eq!(status!(POST "/in/login", &none), 200);
}

#[actix_web::test]
async fn v3_5_1_an_exception_is_said_with_its_reason_and_is_locked() {
    let mut lines = evil();
    assert_eq!(status!(POST "/form", &lines), 403);
    lines.push(basic());
    assert_eq!(status!(POST "/form", &lines), 403);
    assert_eq!(status!(POST "/paid", &lines), 200);
    let own = [line("sec-fetch-site", "same-origin")];
    assert_eq!(status!(POST "/form", &own), 200);
    let lock = AccessLock::of(&AccessMatrix::collect()).to_string();
    let of = |name: &str| lock.lines().find(|line| line.contains(name)).unwrap();
    let paid = of("cross_origin::paid_elsewhere ");
    let reason = r#" cross_origin("the payment provider posts the form")"#;
    assert!(paid.ends_with(reason), "{paid}");
    let form = of("cross_origin::own_form ");
    assert!(form.ends_with(" same_origin"), "{form}");
    // As it is written, so it is read; and a change is seen.
    let read = AccessLock::parse(&lock).unwrap();
    assert_eq!(read, AccessLock::of(&AccessMatrix::collect()));
    let changed = AccessLock::parse(&lock.replace(" same_origin", "")).unwrap();
    assert!(!read.diff(&changed).is_empty());
    let page = AccessMatrix::collect().to_markdown();
    assert!(
        page.contains("from any origin: the payment provider posts the form"),
        "{page}"
    );
    assert!(page.contains("from this origin alone"), "{page}");
}

#[test]
fn what_is_no_origin_does_not_build() {
    for origin in [
        "",
        "*",
        "null",
        "partner.example",
        "https://",
        "https://a/",
        "https://a?b",
        "https://a@b",
        "https://*.a",
        "file://a",
        "https://a:b",
    ] {
        let built = auth().trusted_origins([origin]).build();
        assert!(built.is_err(), "{origin}");
    }
}

#[derive(serde::Deserialize)]
struct Notice {
    text: String,
    count: u32,
}

#[get("/token")]
#[public(reason = "shows the form")]
async fn show_token(shown: CsrfToken) -> String {
    shown.value()
}

#[post("/notice")]
#[public(reason = "takes the form")]
async fn notice(form: CsrfForm<Notice>) -> String {
    format!("{} {}", form.text, form.count)
}

#[post("/script")]
#[public(reason = "takes the script's request")]
async fn run_script(_proof: CsrfHeader) -> HttpResponse {
    HttpResponse::Ok().finish()
}

#[actix_web::test]
async fn v3_5_1_a_token_is_good_in_its_session_alone() {
    let world = World::new();
    let sessions = world.sessions();
    let app = init_service(
        App::new()
            .app_data(world.auth(&sessions))
            .service(show_token)
            .service(notice)
            .service(run_script)
            .wrap(sessions.middleware(CookieSessionStore::default())),
    )
    .await;
    macro_rules! send {
        ($request:expr) => {{
            let response = try_call_service(&app, $request.to_request()).await.unwrap();
            let status = response.status().as_u16();
            let cookie = response
                .headers()
                .get("set-cookie")
                .map(|line| line.to_str().unwrap().split(';').next().unwrap().to_owned());
            let body = actix_web::test::read_body(response).await;
            (status, cookie, String::from_utf8(body.to_vec()).unwrap())
        }};
    }
    let (_, cookie, mine) = send!(TestRequest::get().uri("/token"));
    let cookie = ("cookie", cookie.unwrap());
    let (_, other, theirs) = send!(TestRequest::get().uri("/token"));
    let other = ("cookie", other.unwrap());
    let (_, again, second) = send!(
        TestRequest::get()
            .uri("/token")
            .append_header(cookie.clone())
    );
    assert_eq!(again, None);
    assert_ne!(mine, second);
    let form = |token: &str| {
        let fields = [
            ("csrf_token", token),
            ("text", "a & b=\u{e9}"),
            ("count", "7"),
        ];
        TestRequest::post().uri("/notice").set_form(fields)
    };
    for token in [&mine, &second] {
        let (status, _, body) = send!(form(token).append_header(cookie.clone()));
        assert_eq!((status, &*body), (200, "a & b=\u{e9} 7"));
    }
    assert_eq!(send!(form(&theirs).append_header(cookie.clone())).0, 403);
    assert_eq!(send!(form(&mine).append_header(other)).0, 403);
    assert_eq!(send!(form(&mine)).0, 403);
    assert_eq!(send!(form("").append_header(cookie.clone())).0, 403);
    let without = TestRequest::post()
        .uri("/notice")
        .set_form([("text", "a"), ("count", "7")]);
    assert_eq!(send!(without.append_header(cookie.clone())).0, 403);
    let twice = [
        ("csrf_token", &*mine),
        ("csrf_token", &*mine),
        ("text", "a"),
        ("count", "7"),
    ];
    let twice = TestRequest::post().uri("/notice").set_form(twice);
    assert_eq!(send!(twice.append_header(cookie.clone())).0, 403);
    let script = || {
        TestRequest::post()
            .uri("/script")
            .append_header(cookie.clone())
    };
    assert_eq!(send!(script().append_header(("x-csrf-token", mine))).0, 200);
    assert_eq!(
        send!(script().append_header(("x-csrf-token", theirs))).0,
        403
    );
    assert_eq!(send!(script()).0, 403);
}
