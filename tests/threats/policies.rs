//! Policies: the app's own rules, which fail closed like all the others.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::time::Duration;

use actix_web::dev::{ConnectionInfo, Payload, Service as _};
use actix_web::http::header::RETRY_AFTER;
use actix_web::http::{Method, Uri};
use actix_web::test::TestRequest;
use actix_web::{App, Error, FromRequest, HttpRequest, error, get, post, test, web};
use auth_runtime::FromRequestHead;
use auth_runtime::prelude::*;
use bytes::Bytes;
use futures_util::FutureExt as _;

use crate::support::body::{Watched, with_payload};
use crate::support::gate::yields;
use crate::support::principals::token;
use crate::support::{app, auth, bearer, calls, get, log, send};

thread_local! {
    static ASKED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

fn note(policy: &'static str) {
    ASKED.with_borrow_mut(|asked| asked.push(policy));
}

fn asked() -> Vec<&'static str> {
    ASKED.take()
}

async fn allows() -> Decision {
    note("allows");
    Decision::allow()
}

async fn denies() -> Decision {
    note("denies");
    yields(2).await;
    Decision::deny("because of the weather")
}

async fn fails() -> Result<Decision, Error> {
    note("fails");
    Err(error::ErrorNotFound("no such article"))
}

async fn panics() -> Decision {
    note("panics");
    panic!("in the policy")
}

async fn panics_later() -> Decision {
    note("panics_later");
    yields(1).await;
    panic!("in the policy, later")
}

async fn hangs() -> Decision {
    note("hangs");
    pending().await
}

async fn is_seven(id: web::Path<u64>) -> Decision {
    note("is_seven");
    Decision::allow_if(*id == 7)
}

async fn needs_data(_: web::Data<Missing>) -> Decision {
    note("needs_data");
    Decision::allow()
}

struct Missing;

macro_rules! handlers {
    ($($name:ident $path:literal ($($requirement:tt)*);)+) => {
        $(
            #[get($path)]
            #[requires($($requirement)*)]
            async fn $name() -> &'static str {
                calls::count();
                "granted"
            }
        )+
        fn configure(config: &mut web::ServiceConfig) {
            config$(.service($name))+;
        }
    };
}

handlers! {
    allow "/allow" (policy(allows));
    deny "/deny" (policy(denies));
    fail "/fail" (policy(fails));
    panic_now "/panic" (policy(panics));
    panic_late "/panic-late" (policy(panics_later));
    hang "/hang" (policy(hangs));
    not_allow "/not-allow" (not(policy(allows)));
    not_deny "/not-deny" (not(policy(denies)));
    not_fail "/not-fail" (not(policy(fails)));
    not_panic "/not-panic" (not(policy(panics)));
    not_not_fail "/not-not-fail" (all(authenticated, not(all(role("nobody"), policy(fails)))));
    all_fail_deny "/all-fail-deny" (all(policy(fails), policy(denies)));
    all_deny_fail "/all-deny-fail" (all(policy(denies), policy(fails)));
    all_allow_fail "/all-allow-fail" (all(policy(allows), policy(fails)));
    any_allow_fail "/any-allow-fail" (any(policy(allows), policy(fails)));
    any_fail_allow "/any-fail-allow" (any(policy(fails), policy(allows)));
    any_deny_fail "/any-deny-fail" (any(policy(denies), policy(fails)));
    any_deny_allow "/any-deny-allow" (any(policy(denies), policy(allows)));
    any_role_policy "/any-role-policy" (any(role("admin"), policy(denies)));
    any_policy_role "/any-policy-role" (any(policy(hangs), role("admin")));
    all_role_policy "/all-role-policy" (all(role("admin"), policy(hangs)));
    all_policy_role "/all-policy-role" (all(policy(panics), role("admin")));
    by_path "/by-path/{id}" (policy(is_seven));
    not_by_path "/not-by-path/{id}" (not(policy(is_seven)));
    without_data "/without-data" (policy(needs_data));
}

macro_rules! policy_app {
    () => {
        test::init_service(App::new().app_data(auth()).configure(configure)).await
    };
}

macro_rules! assert_answers {
    ($app:expr, $token:literal: $($path:literal => $status:literal $asked:expr),+ $(,)?) => {
        $(
            let answer = send(&$app, get($path).insert_header(token($token)).to_request()).await;
            assert_eq!(answer.status, $status, "{}", $path);
            if $status == 200 {
                answer.assert_granted();
            } else {
                answer.assert_refused($status);
            }
            let expected: &[&str] = &$asked;
            assert_eq!(asked(), expected, "{}", $path);
        )+
    };
}

#[actix_web::test]
async fn a_policy_allows_denies_or_fails_and_only_the_first_grants() {
    let app = policy_app!();
    assert_answers!(
        app, "user":
        "/allow" => 200 ["allows"],
        "/deny" => 403 ["denies"],
        "/fail" => 500 ["fails"],
        "/panic" => 500 ["panics"],
        "/panic-late" => 500 ["panics_later"],
        "/without-data" => 500 [],
    );
}

#[actix_web::test]
async fn a_failed_policy_under_not_grants_nothing() {
    let app = policy_app!();
    assert_answers!(
        app, "user":
        "/not-allow" => 403 ["allows"],
        "/not-deny" => 200 ["denies"],
        "/not-fail" => 500 ["fails"],
        "/not-panic" => 500 ["panics"],
        "/not-not-fail" => 200 [],
        "/not-by-path/8" => 200 ["is_seven"],
        "/not-by-path/7" => 403 ["is_seven"],
        "/not-by-path/seven" => 403 [],
    );
}

#[actix_web::test]
async fn a_path_that_no_policy_can_read_is_403() {
    let app = policy_app!();
    assert_answers!(
        app, "user":
        "/by-path/7" => 200 ["is_seven"],
        "/by-path/8" => 403 ["is_seven"],
        "/by-path/seven" => 403 [],
        "/by-path/-7" => 403 [],
        "/by-path/7%20" => 403 [],
        "/by-path/99999999999999999999999999" => 403 [],
    );
}

#[actix_web::test]
async fn only_what_matters_is_asked() {
    let app = policy_app!();
    assert_answers!(
        app, "admin":
        "/any-role-policy" => 200 [],
        "/any-policy-role" => 200 [],
    );
    assert_answers!(
        app, "user":
        "/any-role-policy" => 403 ["denies"],
        "/all-role-policy" => 403 [],
        "/all-policy-role" => 403 [],
        "/all-deny-fail" => 403 ["denies"],
        "/all-fail-deny" => 403 ["fails", "denies"],
        "/all-allow-fail" => 500 ["allows", "fails"],
        "/any-allow-fail" => 200 ["allows"],
        "/any-fail-allow" => 200 ["fails", "allows"],
        "/any-deny-fail" => 500 ["denies", "fails"],
        "/any-deny-allow" => 200 ["denies", "allows"],
    );
}

#[actix_web::test]
async fn no_policy_is_asked_for_a_stranger() {
    let app = policy_app!();
    for path in [
        "/allow",
        "/not-deny",
        "/not-fail",
        "/panic",
        "/hang",
        "/by-path/7",
        "/any-policy-role",
    ] {
        send(&app, get(path).to_request()).await.assert_refused(401);
        let request = get(path).insert_header(token("nobody"));
        send(&app, request.to_request()).await.assert_refused(401);
        assert_eq!(asked(), Vec::<&str>::new(), "{path}");
    }
}

#[actix_web::test]
async fn neg_14_a_cancelled_policy_runs_no_handler() {
    let app = policy_app!();
    let request = get("/hang").insert_header(token("user")).to_request();
    let mut answer = Box::pin(app.call(request));
    for _ in 0..3 {
        assert!(answer.as_mut().now_or_never().is_none());
    }
    drop(answer);
    yields(3).await;
    assert_eq!((calls::take(), asked()), (0, vec!["hangs"]));
}

#[actix_web::test]
async fn a_policy_that_never_answers_is_given_up() {
    #[get("/hang")]
    #[requires(policy(hangs))]
    async fn hang() -> &'static str {
        calls::count();
        "hang"
    }
    #[get("/no-hang")]
    #[requires(not(policy(hangs)))]
    async fn no_hang() -> &'static str {
        calls::count();
        "no hang"
    }
    #[get("/hidden-hang")]
    #[requires(policy(hangs), hide)]
    async fn hidden_hang() -> &'static str {
        calls::count();
        "hidden hang"
    }
    let auth = bearer(Bearer::sync(|_: Secret<'_>| Some(Principal::new("ada"))))
        .time_limit(Duration::from_millis(20))
        .build()
        .unwrap();
    let app = app!(auth => hang, no_hang, hidden_hang);
    for (path, status) in [("/hang", 503), ("/no-hang", 503), ("/hidden-hang", 404)] {
        let answer = send(&app, get(path).insert_header(token("x")).to_request()).await;
        assert_eq!(
            (answer.status.as_u16(), calls::take()),
            (status, 0),
            "{path}"
        );
        let retry_after = (status == 503).then_some("5");
        assert_eq!(answer.header(RETRY_AFTER), retry_after, "{path}");
        assert_eq!(answer.challenges().len(), 0, "{path}");
        assert_eq!(asked(), ["hangs"], "{path}");
    }
}

#[actix_web::test]
async fn what_a_policy_says_goes_to_the_log_and_not_to_the_client() {
    log::start();
    let app = policy_app!();
    for (path, status, text) in [
        ("/deny", 403, "because of the weather"),
        ("/fail", 500, "no such article"),
        ("/panic", 500, "it panicked"),
        ("/without-data", 500, "its arguments cannot be read"),
    ] {
        let answer = send(&app, get(path).insert_header(token("user")).to_request()).await;
        answer.assert_refused(status);
        for secret in [
            "weather",
            "article",
            "panicked",
            "arguments",
            "denies",
            "fails",
            "policy",
        ] {
            assert!(!answer.text().contains(secret), "{path}: {answer:?}");
        }
        let log = log::take();
        assert!(
            log.contains(text) && log.contains("subject=\"rob\""),
            "{log}"
        );
    }
    asked();
}

/// Everything of the head, and the caller: as many arguments as a policy may have.
#[allow(clippy::too_many_arguments)]
async fn reads_everything(
    request: HttpRequest,
    method: Method,
    uri: Uri,
    connection: ConnectionInfo,
    path: web::Path<String>,
    query: web::Query<Vec<(String, String)>>,
    tenant: Tenant,
    caller: Authenticated,
) -> Decision {
    note("reads_everything");
    Decision::allow_if(
        request.path() == uri.path()
            && method == Method::POST
            && connection.scheme() == "http"
            && *path == tenant.0
            && query.0 == [("as".to_owned(), caller.subject().to_owned())],
    )
}

struct Tenant(String);

impl FromRequest for Tenant {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self(request.match_info().query("tenant").to_owned())))
    }
}

impl FromRequestHead for Tenant {}

/// An extractor that wrongly claims to read only the head.
struct Liar;

impl FromRequest for Liar {
    type Error = Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = web::Bytes::from_request(request, payload);
        Box::pin(async move { body.await.map(|_| Self) })
    }
}

impl FromRequestHead for Liar {}

async fn lies(_: Liar) -> Decision {
    Decision::allow()
}

#[post("/tenants/{tenant}")]
#[requires(policy(reads_everything))]
async fn tenants(body: String) -> String {
    calls::count();
    body
}

#[post("/lies")]
#[requires(policy(lies))]
async fn lied_to(body: String) -> String {
    calls::count();
    body
}

#[actix_web::test]
async fn a_policy_reads_the_head_and_the_body_stays_whole_for_the_handler() {
    let app = app!(auth() => tenants, lied_to);
    for (uri, status) in [
        ("/tenants/acme?as=rob", 200),
        ("/tenants/acme?as=ada", 403),
        ("/tenants/acme", 403),
    ] {
        let (payload, polls) = Watched::payload(vec![Bytes::from_static(b"whole")], false);
        let request = TestRequest::post().uri(uri).insert_header(token("user"));
        let answer = send(&app, with_payload!(request, payload)).await;
        assert_eq!(asked(), ["reads_everything"]);
        if status == 200 {
            answer.assert_granted();
            assert_eq!(answer.text(), "whole");
        } else {
            answer.assert_refused(status);
            assert_eq!(polls.get(), 0);
        }
    }
    let (payload, _) = Watched::payload(vec![Bytes::from_static(b"whole")], false);
    let request = TestRequest::post()
        .uri("/lies")
        .insert_header(token("user"));
    let answer = send(&app, with_payload!(request, payload)).await;
    answer.assert_granted();
    assert_eq!(
        answer.text(),
        "whole",
        "even a liar does not get at the body"
    );
}

#[actix_web::test]
async fn a_policy_knows_the_caller_that_the_guard_found() {
    thread_local! {
        static VERIFIED: Cell<usize> = const { Cell::new(0) };
    }
    async fn is_own(name: web::Path<String>, caller: Authenticated) -> Decision {
        Decision::allow_if(caller.subject() == *name)
    }
    async fn is_own_too(caller: Authenticated, name: web::Path<String>) -> Decision {
        is_own(name, caller).await
    }
    #[get("/users/{name}")]
    #[requires(any(policy(is_own), policy(is_own_too)))]
    async fn twice(_: Authenticated) -> &'static str {
        calls::count();
        "own"
    }
    let auth = bearer(Bearer::new(|token: Secret<'static>| async move {
        VERIFIED.set(VERIFIED.get() + 1);
        yields(1).await;
        Some(Principal::new(token.expose()))
    }));
    let app = app!(auth.build().unwrap() => twice);
    let request = get("/users/ada").insert_header(token("ada"));
    send(&app, request.to_request()).await.assert_granted();
    let request = get("/users/ada").insert_header(token("eve"));
    send(&app, request.to_request()).await.assert_refused(403);
    assert_eq!(VERIFIED.get(), 2, "once a request");
}
