//! Requests that present one token at the same time ask the authorization server once.

use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Condvar, Mutex, mpsc};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};
use auth_runtime::Principal;
use auth_runtime::oauth::introspection::Introspection;
use auth_runtime::oauth::introspection::IntrospectionBuilder;
use auth_runtime::prelude::*;
use auth_runtime::scheme::VerifyToken;
use futures_util::FutureExt as _;
use futures_util::future::{join, join_all, poll_fn};
use serde_json::json;

use crate::support::{NOW, at};

/// An authorization server that answers when it is told to.
struct Server {
    url: String,
    asked: Arc<AtomicUsize>,
    status: Arc<AtomicU16>,
    gate: Arc<Gate>,
}

#[derive(Default)]
struct Gate {
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    fn set(&self, is_open: bool) {
        *self.is_open.lock().unwrap() = is_open;
        self.opened.notify_all();
    }

    fn pass(&self) {
        let shut = self.is_open.lock().unwrap();
        drop(self.opened.wait_while(shut, |is_open| !*is_open).unwrap());
    }
}

impl Server {
    /// A server whose gate is shut.
    fn start() -> Self {
        let (asked, status, gate) = (
            Arc::<AtomicUsize>::default(),
            Arc::new(AtomicU16::new(200)),
            Arc::<Gate>::default(),
        );
        let shared = (Arc::clone(&asked), Arc::clone(&status), Arc::clone(&gate));
        let (address, listening) = mpsc::channel();
        thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    let (asked, status, gate) = shared.clone();
                    App::new().default_service(web::to(move |body: String| {
                        asked.fetch_add(1, Ordering::SeqCst);
                        let (status, gate) = (Arc::clone(&status), Arc::clone(&gate));
                        async move {
                            web::block(move || gate.pass()).await.unwrap();
                            let token = body.split(['=', '&']).nth(1).unwrap();
                            match status.load(Ordering::SeqCst) {
                                200 => HttpResponse::Ok().json(json!({
                                    "active": token != "inactive",
                                    "token_type": "Bearer",
                                    "sub": format!("of {token}"),
                                    "exp": NOW + 60,
                                })),
                                _ => HttpResponse::InternalServerError().finish(),
                            }
                        }
                    }))
                })
                .workers(1)
                .disable_signals()
                .shutdown_timeout(0)
                .bind(("127.0.0.1", 0))
                .unwrap();
                address.send(server.addrs()[0]).unwrap();
                server.run().await.unwrap();
            });
        });
        let url = format!("http://{}/introspect", listening.recv().unwrap());
        Self {
            url,
            asked,
            status,
            gate,
        }
    }

    fn client(&self) -> IntrospectionBuilder {
        Introspection::builder(&self.url)
            .client("files-api", "secret")
            .any_audience()
            .clock(|| at(NOW))
            .time_limit(Duration::from_secs(30))
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.gate.set(true);
    }
}

async fn verify(verifier: &Introspection, token: &'static str) -> String {
    match verifier.verify(Secret::new(token)).await {
        Ok(principal) => principal.map_or("nobody".into(), |found| found.subject().into()),
        Err(_) => "error".into(),
    }
}

/// All of these at once: the server answers when each of them waits.
async fn at_once(
    server: &Server,
    verifier: &Introspection,
    tokens: &[&'static str],
) -> Vec<String> {
    server.gate.set(false);
    let all = join_all(tokens.iter().map(|token| verify(verifier, token)));
    // Polled after the others.
    let open = async { server.gate.set(true) };
    join(all, open).await.0
}

#[actix_web::test]
async fn sixty_four_tasks_with_one_token_ask_once() {
    let server = Server::start();
    let verifier = server.client().build().unwrap();
    let answers = at_once(&server, &verifier, &["t"; 64]).await;
    assert_eq!(answers, vec!["of t"; 64]);
    assert_eq!(server.asked(), 1);
    assert_eq!(verify(&verifier, "t").await, "of t");
    assert_eq!(server.asked(), 1, "the answer is kept");
}

#[test]
fn workers_on_several_threads_ask_once() {
    let server = Server::start();
    let verifier = server.client().build().unwrap();
    let barrier = Arc::new(Barrier::new(5));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (verifier, barrier) = (verifier.clone(), Arc::clone(&barrier));
            thread::spawn(move || {
                actix_web::rt::System::new().block_on(async move {
                    let all = join_all((0..16).map(|_| verify(&verifier, "t")));
                    let wait = async { barrier.wait() };
                    join(all, wait).await.0
                })
            })
        })
        .collect();
    // Every task of every thread waits now.
    barrier.wait();
    server.gate.set(true);
    for thread in threads {
        assert_eq!(thread.join().unwrap(), vec!["of t"; 16]);
    }
    assert_eq!(server.asked(), 1);
}

#[actix_web::test]
async fn other_tokens_are_other_questions() {
    let server = Server::start();
    let verifier = server.client().build().unwrap();
    let tokens = ["a", "inactive", "b", "a", "inactive"];
    let answers = at_once(&server, &verifier, &tokens).await;
    assert_eq!(answers, ["of a", "nobody", "of b", "of a", "nobody"]);
    assert_eq!(server.asked(), 3);
    // What is not active is not kept.
    assert_eq!(verify(&verifier, "inactive").await, "nobody");
    assert_eq!(server.asked(), 4);
}

#[actix_web::test]
async fn without_a_cache_those_who_wait_share_and_who_comes_later_asks() {
    let server = Server::start();
    let verifier = server.client().cache_time(Duration::ZERO).build().unwrap();
    for round in 1..=2 {
        assert_eq!(
            at_once(&server, &verifier, &["t"; 8]).await,
            vec!["of t"; 8]
        );
        assert_eq!(server.asked(), round);
    }
}

#[actix_web::test]
async fn an_outage_is_shared_and_not_kept() {
    let server = Server::start();
    let verifier = server.client().build().unwrap();
    server.status.store(500, Ordering::SeqCst);
    let answers = at_once(&server, &verifier, &["t"; 64]).await;
    assert_eq!(answers, vec!["error"; 64]);
    assert_eq!(server.asked(), 1);
    server.status.store(200, Ordering::SeqCst);
    assert_eq!(verify(&verifier, "t").await, "of t");
    assert_eq!(server.asked(), 2);
}

/// Polls once: who waits from now on.
macro_rules! begin {
    ($future:ident) => {
        poll_fn(|cx| {
            assert!($future.poll_unpin(cx).is_pending());
            Poll::Ready(())
        })
        .await;
    };
}

#[actix_web::test]
async fn who_asked_first_may_go_without_the_others() {
    let server = Server::start();
    let verifier = server.client().build().unwrap();
    let mut first = Box::pin(verify(&verifier, "t"));
    begin!(first);
    let mut others: Vec<_> = (0..8).map(|_| Box::pin(verify(&verifier, "t"))).collect();
    for other in &mut others {
        begin!(other);
    }
    drop(first);
    drop(others.remove(0));
    let open = async { server.gate.set(true) };
    let answers = join(join_all(others), open).await.0;
    assert_eq!(answers, vec!["of t"; 7]);
    assert_eq!(server.asked(), 1);
}

#[actix_web::test]
async fn when_all_have_gone_the_next_asks_anew() {
    let server = Server::start();
    let verifier = server.client().build().unwrap();
    for _ in 0..2 {
        let mut gone = Box::pin(verify(&verifier, "t"));
        begin!(gone);
    }
    server.gate.set(true);
    assert_eq!(verify(&verifier, "t").await, "of t");
}

#[actix_web::test]
async fn what_was_forgotten_while_it_was_asked_is_asked_again() {
    let server = Server::start();
    let verifier = server.client().build().unwrap();
    let mut before = Box::pin(verify(&verifier, "t"));
    begin!(before);
    verifier.forget(&Secret::new("t"));
    let mut after = Box::pin(verify(&verifier, "t"));
    begin!(after);
    server.gate.set(true);
    assert_eq!(join(before, after).await, ("of t".into(), "of t".into()));
    assert_eq!(server.asked(), 2);
    verifier.forget(&Secret::new("t"));
    assert_eq!(verify(&verifier, "t").await, "of t");
    assert_eq!(server.asked(), 3);
}

#[actix_web::test]
async fn u401_11_a_stuck_question_ends_at_the_limit_for_all() {
    let server = Server::start();
    let limit = Duration::from_millis(50);
    let verifier = server.client().time_limit(limit).build().unwrap();
    let answers = join_all((0..64).map(|_| verify(&verifier, "t"))).await;
    assert_eq!(answers, vec!["error"; 64]);
    assert!(server.asked() <= 1);
}

#[test]
fn a_worker_that_is_stuck_or_gone_does_not_keep_the_others() {
    let server = Server::start();
    let verifier = server
        .client()
        .time_limit(Duration::from_millis(200))
        .build()
        .unwrap();
    let driver = verifier.clone();
    let (started, wait) = mpsc::channel();
    let (release, held) = mpsc::channel::<()>();
    let stuck = thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let mut first = Box::pin(verify(&driver, "t"));
            begin!(first);
            started.send(()).unwrap();
            // The worker is blocked, and then ends, with the question in its hands.
            _ = held.recv();
        });
    });
    wait.recv().unwrap();
    let system = actix_web::rt::System::new();
    assert_eq!(system.block_on(verify(&verifier, "t")), "error");
    // It is past its time: the next is a question of its own.
    server.gate.set(true);
    assert_eq!(system.block_on(verify(&verifier, "t")), "of t");
    drop(release);
    stuck.join().unwrap();
}

#[actix_web::test]
async fn a_mapping_that_panics_fails_all_who_wait_and_nobody_after_them() {
    static PANICS: AtomicUsize = AtomicUsize::new(1);
    let server = Server::start();
    let verifier = server
        .client()
        .map(|principal: Principal, _| {
            let is_over = PANICS
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                    left.checked_sub(1)
                })
                .is_err();
            assert!(is_over, "the app's own panic");
            Some(principal)
        })
        .build()
        .unwrap();
    let answers = at_once(&server, &verifier, &["t"; 8]).await;
    assert_eq!(answers, vec!["error"; 8]);
    assert_eq!(verify(&verifier, "t").await, "of t");
}
