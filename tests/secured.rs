//! What cannot be mounted through `SecureScope` and `SecureConfig`. What does not even compile is
//! in `ui/secured/fail`.

use std::io;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use actix_service::{IntoServiceFactory as _, ServiceFactory as _};
use actix_web::dev::{AppConfig, AppService, HttpServiceFactory};
use actix_web::http::StatusCode;
use actix_web::rt::time::timeout;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, HttpServer, get, web};
use auth_runtime::{SecureConfig, SecureScope, prelude::*};

#[get("/below")]
#[requires_auth]
async fn below() -> &'static str {
    "below"
}

#[get("/move")]
#[requires_role("admin")]
async fn r#move() -> &'static str {
    "move"
}

#[get("/open")]
#[public(reason = "a probe")]
async fn open() -> &'static str {
    "open"
}

#[get("/forgotten")]
async fn forgotten() -> &'static str {
    "everybody's"
}

#[actix_web::routes]
#[get("/two")]
#[post("/two")]
async fn forgotten_behind_routes() -> &'static str {
    "everybody's"
}

fn auth() -> Auth {
    Auth::builder()
        .realm("secured")
        .scheme(Bearer::sync(|token: Secret<'_>| {
            Some(Principal::new(token.expose()))
        }))
        .build()
        .unwrap()
}

/// Whether an app with the scope starts.
async fn starts(scope: SecureScope) -> bool {
    // Before the first event: where nobody listens, an event is not asked again.
    log();
    let app = App::new().app_data(auth()).service(scope);
    app.into_factory()
        .new_service(AppConfig::default())
        .await
        .is_ok()
}

async fn status(scope: SecureScope, path: &str, token: Option<&str>) -> StatusCode {
    let app = init_service(App::new().app_data(auth()).service(scope)).await;
    let mut request = TestRequest::get().uri(path);
    if let Some(token) = token {
        request = request.insert_header(("authorization", format!("Bearer {token}")));
    }
    call_service(&app, request.to_request()).await.status()
}

fn scope() -> SecureScope {
    SecureScope::new("/api")
}

#[actix_web::test]
async fn an_attribute_below_the_route_is_found_when_the_app_starts() {
    let mount = || {
        scope()
            .judged_service(below)
            .judged_service(r#move)
            .judged_service(open)
    };
    assert!(starts(mount()).await);
    assert_eq!(status(mount(), "/api/below", None).await, 401);
    assert_eq!(status(mount(), "/api/below", Some("ann")).await, 200);
    assert_eq!(status(mount(), "/api/move", Some("ann")).await, 403);
    assert_eq!(status(mount(), "/api/open", None).await, 200);
}

#[actix_web::test]
async fn an_app_with_a_forgotten_handler_does_not_start_and_the_log_names_it() {
    let log = log();
    assert!(!starts(scope().judged_service(below).judged_service(forgotten)).await);
    let text = String::from_utf8(log.lock().unwrap().clone()).unwrap();
    assert!(
        text.contains("secured::forgotten") && text.contains("has no access decision"),
        "{text}"
    );
    assert!(!starts(scope().judged_service(forgotten_behind_routes)).await);
    assert!(
        !starts(scope().configure(|config| {
            config.judged_service(forgotten);
        }))
        .await
    );
    assert!(!starts(scope().judged_service(scope().judged_service(forgotten))).await);
}

#[actix_web::test]
async fn a_server_with_a_forgotten_handler_ends_with_an_error() {
    let server = HttpServer::new(|| {
        App::new().app_data(auth()).configure(|config| {
            SecureConfig::new(config).judged_service(forgotten);
        })
    })
    .workers(1)
    .disable_signals()
    .bind(("127.0.0.1", 0))
    .unwrap()
    .run();
    // A server that starts all the same would serve for ever.
    let ended = timeout(Duration::from_secs(10), server).await;
    ended.expect("the server does not start").unwrap_err();
}

#[actix_web::test]
async fn what_is_no_handler_of_a_route_is_undecided() {
    async fn anybodys() -> &'static str {
        "everybody's"
    }
    assert!(
        !starts(scope().judged_service(web::scope("/inner").route("/", web::get().to(anybodys))))
            .await
    );
    assert!(!starts(scope().judged_service(web::resource("/r").to(anybodys))).await);
    assert!(!starts(scope().judged_service((below, forgotten))).await);
    assert!(!starts(scope().judged_service(vec![forgotten])).await);
    assert!(!starts(scope().judged_service(web::redirect("/a", "/b"))).await);
    // Even where what it mounts is decided: nobody can see that.
    assert!(
        !starts(scope().judged_service(web::resource("/r").route(web::get().to(decided)))).await
    );
}

#[requires_auth]
async fn decided() -> &'static str {
    "decided"
}

/// Undecided, with a decided function of the same name inside.
#[get("/decoy")]
async fn decoy() -> String {
    #[requires_auth]
    #[allow(dead_code)]
    async fn decoy() -> String {
        String::new()
    }
    String::from("everybody's")
}

/// Undecided, with a decided function of the same name and module elsewhere.
#[get("/namesake")]
async fn namesake() -> &'static str {
    "everybody's"
}

#[allow(dead_code)]
fn elsewhere() {
    #[requires_auth]
    async fn namesake() -> &'static str {
        "decided"
    }
}

/// Undecided, with a decided associated function whose generated type is named alike.
#[get("/alike")]
#[allow(non_snake_case)]
async fn Controller_list() -> &'static str {
    "everybody's"
}

struct Controller;

#[requires_auth]
impl Controller {
    #[allow(dead_code)]
    async fn list() -> &'static str {
        "decided"
    }
}

/// A service by hand, around a decided function of another name.
struct Wrapper;

impl HttpServiceFactory for Wrapper {
    fn register(self, config: &mut AppService) {
        #[requires_auth]
        async fn inner() -> &'static str {
            "decided"
        }
        web::resource("/inner").to(inner).register(config);
        forgotten.register(config);
    }
}

#[actix_web::test]
async fn a_decision_of_a_namesake_is_not_taken_for_that_of_the_handler() {
    assert!(!starts(scope().judged_service(decoy)).await);
    assert!(!starts(scope().judged_service(namesake)).await);
    assert!(!starts(scope().judged_service(Controller_list)).await);
    assert!(!starts(scope().judged_service(Wrapper)).await);
}

#[actix_web::test]
async fn of_services_of_one_name_as_many_are_decided_as_are_judged() {
    fn one_of_two(is_decided: bool) -> SecureScope {
        if is_decided {
            #[get("/twin")]
            #[requires_auth]
            async fn twin() -> &'static str {
                "decided"
            }
            scope().judged_service(twin)
        } else {
            #[get("/twin")]
            async fn twin() -> &'static str {
                "everybody's"
            }
            scope().judged_service(twin)
        }
    }
    fn both(is_first: bool) -> SecureScope {
        if is_first {
            #[get("/pair")]
            #[requires_auth]
            async fn pair() -> &'static str {
                "first"
            }
            scope().judged_service(pair)
        } else {
            #[get("/pair")]
            #[requires_auth]
            async fn pair() -> &'static str {
                "second"
            }
            scope().judged_service(pair)
        }
    }
    assert!(starts(one_of_two(true)).await);
    assert!(!starts(one_of_two(false)).await);
    // Which of them it is that has no decision cannot be told.
    assert!(!starts(one_of_two(true)).await);
    for _ in 0..2 {
        assert!(starts(both(true)).await);
        assert!(starts(both(false)).await);
    }
}

#[actix_web::test]
async fn a_route_that_has_a_handler_already_loses_it() {
    async fn anybodys() -> &'static str {
        "everybody's"
    }
    let mount = || scope().route("/r", web::get().to(anybodys), decided);
    assert_eq!(status(mount(), "/api/r", None).await, 401);
    assert_eq!(status(mount(), "/api/r", Some("ann")).await, 200);
}

#[actix_web::test]
async fn a_plain_app_mounts_what_it_likes() {
    let app = init_service(App::new().service(forgotten)).await;
    let request = TestRequest::get().uri("/forgotten").to_request();
    assert_eq!(call_service(&app, request).await.status(), 200);
}

/// What all tests of this binary log.
fn log() -> Arc<Mutex<Vec<u8>>> {
    static LOG: OnceLock<Arc<Mutex<Vec<u8>>>> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Arc::new(Mutex::new(Vec::new()));
        let writer = Arc::clone(&log);
        tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || Writer(Arc::clone(&writer)))
            .init();
        log
    })
    .clone()
}

struct Writer(Arc<Mutex<Vec<u8>>>);

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
