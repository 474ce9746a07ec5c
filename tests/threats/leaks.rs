//! Memory: what belongs to a request goes with it, however it ends.

use std::cell::Cell;
use std::future::pending;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::dev::{Payload, Service as _};
use actix_web::http::header::COOKIE;
use actix_web::test::TestRequest;
use actix_web::{App, Error, FromRequest, HttpMessage as _, HttpRequest, get, post, test, web};
use auth_runtime::http::Credentials;
use auth_runtime::prelude::*;
use auth_runtime::scheme::{Attempt, Scheme, Verification};
use futures_util::FutureExt as _;

use crate::support::body::{Watched, with_payload};
use crate::support::gate::{Gate, yields};
use crate::support::principals::token;
use crate::support::server::{request, serve};
use crate::support::{bearer, calls, get, send};

/// Tells when it is dropped.
struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[post("/known")]
#[requires_auth]
async fn known(body: String) -> String {
    calls::count();
    body
}

#[get("/alone")]
async fn alone(_: Authenticated, _: Authenticated) -> &'static str {
    calls::count();
    "alone"
}

#[get("/maybe")]
#[public(reason = "anybody may look")]
async fn maybe(_: MaybeAuthenticated) -> &'static str {
    calls::count();
    "maybe"
}

#[get("/policy")]
#[requires(policy(hangs))]
async fn policy() -> &'static str {
    calls::count();
    "policy"
}

async fn hangs(_: HttpRequest, _: Authenticated) -> Decision {
    pending().await
}

#[get("/never")]
#[requires_role("nobody")]
async fn refused() -> &'static str {
    calls::count();
    "refused"
}

/// An app that puts something into each request, and a way to see whether it is still there.
macro_rules! watched_app {
    ($auth:expr) => {{
        let alive: Rc<Cell<Weak<()>>> = Rc::default();
        let inside = Rc::clone(&alive);
        let app = test::init_service(
            App::new()
                .wrap_fn(move |request, service| {
                    let value = Rc::new(());
                    inside.set(Rc::downgrade(&value));
                    request.extensions_mut().insert(value);
                    service.call(request)
                })
                .app_data($auth)
                .service(known)
                .service(alone)
                .service(maybe)
                .service(policy)
                .service(refused),
        )
        .await;
        (app, alive)
    }};
}

fn ask(path: &str) -> TestRequest {
    let request = if path == "/known" {
        TestRequest::post()
    } else {
        TestRequest::get()
    };
    request
        .uri(path)
        .insert_header(token("ada"))
        .insert_header((COOKIE, "session=ada"))
}

/// Polls a request a few times, drops it, and looks whether all that was its own is gone.
macro_rules! assert_freed_after_cancelling {
    ($app:expr, $alive:expr, $path:expr) => {{
        let (payload, _) = Watched::payload(Vec::new(), true);
        let mut answer = Box::pin($app.call(with_payload!(ask($path), payload)));
        for _ in 0..3 {
            assert!(answer.as_mut().now_or_never().is_none(), "{}", $path);
            yields(1).await;
        }
        let weak = $alive.take();
        assert!(weak.upgrade().is_some(), "the control: {}", $path);
        drop(answer);
        yields(3).await;
        assert!(
            weak.upgrade().is_none(),
            "{}: the request is still there",
            $path
        );
        assert_eq!(calls::take(), 0);
    }};
}

/// A verifier that waits at the gate and holds something of its own.
fn waiting(gate: &Gate, drops: &Arc<AtomicUsize>) -> Bearer {
    let (gate, drops) = (gate.clone(), Arc::clone(drops));
    Bearer::new(move |token: Secret<'static>| {
        let (passed, held) = (gate.pass(), Dropped(Arc::clone(&drops)));
        async move {
            passed.await;
            drop(held);
            Some(Principal::new(token.expose()))
        }
    })
}

#[actix_web::test]
async fn a_request_cancelled_while_the_verifier_is_pending_is_freed() {
    let (gate, drops) = (Gate::default(), Arc::default());
    let auth = bearer(waiting(&gate, &drops)).build().unwrap();
    let (app, alive) = watched_app!(auth);
    let paths = ["/known", "/alone", "/maybe", "/policy", "/never"];
    for path in paths {
        assert_freed_after_cancelling!(app, alive, path);
    }
    assert_eq!(
        drops.load(Ordering::SeqCst),
        paths.len(),
        "the verifiers' own data is freed"
    );
    gate.open();
    yields(3).await;
    assert_eq!(gate.passed(), 0, "nothing goes on in the background");
}

#[actix_web::test]
async fn a_request_cancelled_while_a_policy_or_a_body_is_pending_is_freed() {
    let auth = bearer(Bearer::sync(|token: Secret<'_>| {
        Some(Principal::new(token.expose()))
    }));
    let (app, alive) = watched_app!(auth.build().unwrap());
    for path in ["/known", "/policy"] {
        assert_freed_after_cancelling!(app, alive, path);
    }
}

#[actix_web::test]
async fn finished_requests_are_freed_whatever_came_of_them() {
    for limit in [Duration::from_millis(20), Duration::from_secs(5)] {
        let scheme = Bearer::new(move |token: Secret<'static>| async move {
            yields(2).await;
            match token.expose() {
                "never" if limit < Duration::from_secs(1) => pending().await,
                "panic" => panic!("in the verifier"),
                "ada" => Some(Principal::new("ada")),
                _ => None,
            }
        });
        let (app, alive) = watched_app!(bearer(scheme).time_limit(limit).build().unwrap());
        for path in ["/known", "/alone", "/maybe", "/never"] {
            for credentials in ["ada", "nobody", "never", "panic", "a b", ""] {
                let request = ask(path).insert_header(token(credentials));
                let answer = send(&app, request.to_request()).await;
                let weak = alive.take();
                drop(answer);
                yields(2).await;
                assert!(weak.upgrade().is_none(), "{path} {credentials}");
            }
        }
        calls::take();
    }
}

/// A scheme of the app's own that looks into the request while it waits, as one that asks a
/// session store does.
struct Session(Gate);

impl Scheme for Session {
    fn name(&self) -> &'static str {
        "Cookie"
    }

    fn authenticate(&self, credentials: &Credentials<'_>) -> Attempt {
        let request = credentials.request().clone();
        let passed = self.0.pass();
        Attempt::Presented(Verification::pending(async move {
            passed.await;
            request
                .headers()
                .contains_key(COOKIE)
                .then(|| Principal::new("ada"))
        }))
    }
}

#[actix_web::test]
async fn a_scheme_that_holds_the_request_does_not_keep_it_for_ever() {
    let gate = Gate::default();
    let auth = Auth::builder()
        .realm("api")
        .scheme(Session(gate.clone()))
        .build()
        .unwrap();
    let (app, alive) = watched_app!(auth);
    for path in ["/known", "/alone", "/maybe", "/policy", "/never"] {
        assert_freed_after_cancelling!(app, alive, path);
    }
    // The control: it works where nobody hangs up.
    gate.open();
    send(&app, ask("/alone").to_request())
        .await
        .assert_granted();
    let weak = alive.take();
    yields(2).await;
    assert!(weak.upgrade().is_none());
}

#[actix_web::test]
async fn an_extraction_that_is_cancelled_and_asked_for_again_still_answers() {
    #[get("/again")]
    async fn again(request: HttpRequest, gate: web::Data<Gate>) -> Result<String, Error> {
        let mut first = <Authenticated>::from_request(&request, &mut Payload::None);
        assert!((&mut first).now_or_never().is_none());
        drop(first);
        gate.open();
        let caller = <Authenticated>::extract(&request).await?;
        Ok(caller.subject().to_owned())
    }
    let (gate, drops) = (Gate::default(), Arc::default());
    let auth = bearer(waiting(&gate, &drops)).build().unwrap();
    let app = test::init_service(
        App::new()
            .app_data(auth)
            .app_data(web::Data::new(gate))
            .service(again),
    )
    .await;
    let answer = send(&app, get("/again").insert_header(token("ada")).to_request()).await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "ada"));
}

#[actix_web::test]
async fn clients_that_hang_up_leave_nothing_behind_on_the_wire() {
    let (gate, drops): (_, Arc<AtomicUsize>) = (Gate::default(), Arc::default());
    let auth = bearer(waiting(&gate, &drops)).build().unwrap();
    let server = serve(move || {
        App::new()
            .app_data(auth.clone())
            .service(alone)
            .service(refused)
    });
    let bytes = request("GET", "/never", &[("Authorization", "Bearer ada")]);
    let mut sockets = Vec::new();
    for _ in 0..20 {
        sockets.push(server.open(bytes.clone()).await);
    }
    while gate.arrived() < 20 {
        yields(1).await;
    }
    drop(sockets);
    gate.open();
    while drops.load(Ordering::SeqCst) < 20 {
        yields(1).await;
    }
    server.stop().await;
    assert_eq!(drops.load(Ordering::SeqCst), 20);
}
