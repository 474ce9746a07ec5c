//! The audit: what is told of a decision, to whom, and what cannot be smuggled into it.

use std::io::{self, Write};
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use actix_web::http::header;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, HttpMessage as _, get, web};
use auth_runtime::audit::{
    AuditSink, DecisionEvent, JsonLines, Memory, Outcome, Queue, RequestId, SampledGrants, Tracing,
    is_unsafe,
};
use auth_runtime::denial::Reason;
use auth_runtime::prelude::*;
use serde_json::Value;

mod queue;

/// Longer than any of these tests waits for a thread that does its work.
const LONG: Duration = Duration::from_secs(30);

#[get("/health")]
#[public(reason = "load balancer probe")]
async fn health() -> &'static str {
    "ok"
}

#[get("/articles/{id}")]
#[requires_role(any("admin", "editor"))]
async fn article() -> &'static str {
    "article"
}

#[get("/export")]
#[requires_scope("reports:read")]
async fn export() -> &'static str {
    "export"
}

#[get("/locked")]
#[requires(policy(is_unlocked))]
async fn locked() -> &'static str {
    "locked"
}

#[derive(serde::Deserialize)]
struct Because {
    because: String,
}

async fn is_unlocked(query: web::Query<Because>) -> Decision {
    Decision::deny(query.into_inner().because)
}

/// The subject is the token, `admin` has a role, `expired` is over.
fn auth(sink: impl AuditSink) -> Auth {
    Auth::builder()
        .realm("test")
        .scheme(Basic::sync(|user: String, password: Secret<'static>| {
            password
                .ct_eq("correct-horse")
                .then(|| Principal::new(user))
        }))
        .scheme(Bearer::sync(|token: Secret<'_>| match token.expose() {
            "admin-t0ken" => Ok(Principal::new("ada").role("admin")),
            "hostile-t0ken" => Ok(Principal::new(HOSTILE)),
            "expired-t0ken" => Err(VerifyError::expired()),
            "down-t0ken" => Err(VerifyError::unavailable().because("db\nis down")),
            _ => Err(VerifyError::invalid()),
        }))
        .trusted_proxies(
            ["203.0.113.0/24"],
            auth_runtime::http::ProxyHeader::XForwardedFor,
        )
        .clock(|| UNIX_EPOCH + Duration::from_millis(1_772_366_400_250))
        .audit(sink)
        .build()
        .unwrap()
}

const HOSTILE: &str = "eve\r\n{\"outcome\":\"granted\"}\u{2028}\u{85}\u{1b}[2J\u{202e}\u{7f}\0\" outcome=granted \\u000a";

fn get(path: &str) -> TestRequest {
    TestRequest::with_uri(path).peer_addr("192.0.2.7:4711".parse().unwrap())
}

fn with_token(path: &str, token: &str) -> TestRequest {
    get(path).insert_header((header::AUTHORIZATION, format!("Bearer {token}")))
}

async fn send(sink: impl AuditSink, requests: impl IntoIterator<Item = TestRequest>) {
    let app = App::new()
        .app_data(auth(sink))
        .service(health)
        .service(article)
        .service(export)
        .service(locked);
    let app = init_service(app).await;
    for request in requests {
        call_service(&app, request.to_request()).await;
    }
}

/// A writer whose text can be read afterwards.
#[derive(Clone, Default)]
struct Text(Arc<Mutex<Vec<u8>>>);

impl Text {
    fn read(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn json_lines(requests: impl IntoIterator<Item = TestRequest>) -> String {
    let text = Text::default();
    let queue = Queue::start(64, JsonLines::new(text.clone())).unwrap();
    send(queue.clone(), requests).await;
    assert!(queue.flush(LONG));
    text.read()
}

fn log_of(run: impl FnOnce()) -> String {
    let text = Text::default();
    let writer = text.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .without_time()
        .finish();
    // With one subscriber alone, `tracing` asks only the thread that meets an event first whether
    // anybody listens: a test beside this one may not. With two it asks them all.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    tracing::subscriber::with_default(subscriber, || {
        tracing::callsite::rebuild_interest_cache();
        run();
    });
    text.read()
}

fn log_of_requests(requests: impl FnOnce() -> Vec<TestRequest>) -> String {
    log_of(|| actix_web::rt::System::new().block_on(send(Tracing, requests())))
}

#[actix_web::test]
async fn a_line_has_the_documented_members_in_the_documented_order() {
    let lines = json_lines([
        with_token("/articles/7?token=s3cret", "admin-t0ken")
            .insert_header(("x-request-id", "018f-3c")),
        get("/export").insert_header((header::AUTHORIZATION, "Basic cm9iOmNvcnJlY3QtaG9yc2U=")),
        get("/health"),
    ])
    .await;
    let expected = concat!(
        r#"{"time":"2026-03-01T12:00:00.250Z","outcome":"granted","handler":"whole::audit::article","requirement":"any(role(\"admin\"), role(\"editor\"))","subject":"ada","scheme":"Bearer","method":"GET","path":"/articles/7","route":"/articles/{id}","peer":"192.0.2.7","request_id":"018f-3c"}"#,
        "\n",
        r#"{"time":"2026-03-01T12:00:00.250Z","outcome":"denied","status":403,"reason":"missing_scopes","detail":"needs the scopes `reports:read`","handler":"whole::audit::export","requirement":"scope(\"reports:read\")","subject":"rob","scheme":"Basic","method":"GET","path":"/export","route":"/export","peer":"192.0.2.7"}"#,
        "\n",
        r#"{"time":"2026-03-01T12:00:00.250Z","outcome":"granted","handler":"whole::audit::health","requirement":"public","method":"GET","path":"/health","route":"/health","peer":"192.0.2.7"}"#,
        "\n",
    );
    assert_eq!(lines, expected);
}

#[actix_web::test]
async fn both_outcomes_are_told_with_a_typed_reason() {
    let log = Memory::new();
    let proxied = with_token("/export", "nobody")
        .peer_addr("[::ffff:203.0.113.9]:1".parse().unwrap())
        .insert_header(("x-forwarded-for", "198.51.100.4"));
    send(
        log.clone(),
        [
            with_token("/articles/7", "admin-t0ken"),
            get("/articles/7"),
            proxied,
            with_token("/articles/7", "expired-t0ken"),
            with_token("/articles/7", "down-t0ken"),
            with_token("/export", "admin-t0ken"),
            with_token("/locked?because=no", "admin-t0ken"),
        ],
    )
    .await;
    let events = log.take();
    assert!(log.events().is_empty());
    let seen: Vec<_> = events
        .iter()
        .map(|event| (event.outcome, event.status, event.reason.clone()))
        .collect();
    assert_eq!(
        seen,
        [
            (Outcome::Granted, None, None),
            (Outcome::Denied, Some(401), Some(Reason::NoCredentials)),
            (Outcome::Denied, Some(401), Some(Reason::InvalidCredentials)),
            (Outcome::Denied, Some(401), Some(Reason::ExpiredCredentials)),
            (
                Outcome::Denied,
                Some(503),
                Some(Reason::VerifierUnavailable("db\nis down".into()))
            ),
            (
                Outcome::Denied,
                Some(403),
                Some(Reason::MissingScopes(vec!["reports:read"]))
            ),
            (
                Outcome::Denied,
                Some(403),
                Some(Reason::PolicyDenied("is_unlocked", Some("no".into())))
            ),
        ]
    );
    assert_eq!(events[2].client, Some("198.51.100.4".parse().unwrap()));
    assert_eq!(events[2].peer, Some("203.0.113.9".parse().unwrap()));
    assert_eq!(events[0].client, events[0].peer);
}

/// Requests in which everything that a client chooses tries to begin a line or a field.
fn hostile() -> Vec<TestRequest> {
    vec![
        with_token(
            "/articles/7%0a%0d{\"outcome\":\"granted\"}",
            "hostile-t0ken",
        ),
        with_token("/articles/7%00%1b%e2%80%a8", "hostile-t0ken")
            .insert_header(("x-request-id", "a b\" outcome=granted")),
        with_token(
            "/locked?because=no%0A%7B%22outcome%22%3A%22granted%22%7D%20outcome%3Dgranted",
            "hostile-t0ken",
        ),
        with_token("/articles/7", "down-t0ken"),
    ]
}

#[actix_web::test]
async fn no_text_of_a_client_ends_its_line_of_json() {
    let lines = json_lines(hostile()).await;
    assert_eq!(lines.lines().count(), hostile().len(), "{lines}");
    assert!(!lines.replace('\n', "").contains(is_unsafe), "{lines:?}");
    for line in lines.lines() {
        let object: Value = serde_json::from_str(line).unwrap();
        assert_eq!(object["outcome"], "denied", "{line}");
        assert!(object.get("request_id").is_none(), "{line}");
        if let Some(subject) = object.get("subject") {
            assert_eq!(subject, HOSTILE, "what was there can be read back");
        }
    }
    assert!(lines.contains("eve"));
}

#[test]
fn no_text_of_a_client_ends_its_line_or_field_of_the_log() {
    let log = log_of_requests(hostile);
    assert!(!log.replace('\n', "").contains(is_unsafe), "{log:?}");
    for line in log.lines() {
        assert!(
            line.trim_start().starts_with(['D', 'E', 'I', 'T', 'W']),
            "a line that none of the events began: {line:?}"
        );
        // A field of its own, and not a part of a quoted text.
        let quotes_before = |end: usize| {
            line[..end]
                .replace("\\\\", "")
                .replace("\\\"", "")
                .matches('"')
                .count()
        };
        for (position, _) in line.match_indices("outcome=granted") {
            assert_eq!(quotes_before(position) % 2, 1, "{line}");
        }
    }
    assert!(log.contains("auth_runtime::audit"), "{log}");
}

#[test]
fn log_events_have_the_documented_fields() {
    let log = log_of_requests(|| vec![with_token("/export", "admin-t0ken")]);
    let line = log
        .lines()
        .find(|line| line.contains("auth_runtime::audit"))
        .unwrap();
    assert_eq!(
        line.trim(),
        r#"INFO auth_runtime::audit: access decided outcome="denied" status=403 reason="missing_scopes" detail="needs the scopes `reports:read`" handler="whole::audit::export" requirement="scope(\"reports:read\")" subject="ada" scheme="Bearer" method="GET" path="/export" route="/export" peer=192.0.2.7"#
    );
}

fn with_credentials() -> Vec<TestRequest> {
    vec![
        with_token("/articles/7?access_token=s3cret-query", "admin-t0ken"),
        with_token("/articles/7", "wrong-t0ken"),
        with_token("/articles/7", "down-t0ken"),
        get("/export").insert_header((header::AUTHORIZATION, "Basic cm9iOmNvcnJlY3QtaG9yc2U=")),
        get("/export").insert_header((header::AUTHORIZATION, "Basic cm9iOndyb25nLWhvcnNl")),
        get("/export").insert_header((header::COOKIE, "session=s3cret-cookie")),
    ]
}

const SECRETS: [&str; 6] = [
    "t0ken",
    "s3cret",
    "correct-horse",
    "wrong-horse",
    "cm9iOmNvcnJlY3QtaG9yc2U",
    "cm9iOndyb25nLWhvcnNl",
];

#[actix_web::test]
async fn no_secret_is_in_an_event() {
    let lines = json_lines(with_credentials()).await;
    let log = Memory::new();
    send(log.clone(), with_credentials()).await;
    let debug = format!("{:?} {:?}", log.events(), log);
    for secret in SECRETS {
        assert!(
            !lines.contains(secret) && !debug.contains(secret),
            "{secret}"
        );
    }
}

#[test]
fn no_secret_is_in_the_log() {
    let log = log_of_requests(with_credentials);
    for secret in SECRETS {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

#[actix_web::test]
async fn long_texts_are_cut() {
    let log = Memory::new();
    let request = with_token(&format!("/articles/{}", "a".repeat(5000)), "admin-t0ken")
        .insert_header(("x-request-id", "a".repeat(129)));
    send(log.clone(), [request]).await;
    let event = log.take().remove(0);
    assert_eq!(event.path.chars().count(), 1024);
    assert!(event.path.ends_with('…'));
    assert_eq!(event.request_id, None);
}

#[actix_web::test]
async fn the_apps_own_request_id_counts_before_the_clients() {
    let log = Memory::new();
    let app = App::new()
        .app_data(auth(log.clone()))
        .wrap(actix_web::middleware::from_fn(
            |request: actix_web::dev::ServiceRequest, next: actix_web::middleware::Next<_>| {
                request.extensions_mut().insert(RequestId::new("mine"));
                next.call(request)
            },
        ))
        .service(health);
    let app = init_service(app).await;
    let request = get("/health").insert_header(("x-request-id", "theirs"));
    call_service(&app, request.to_request()).await;
    assert_eq!(log.take()[0].request_id.as_deref(), Some("mine"));
}

#[actix_web::test]
async fn of_sampled_grants_every_refusal_is_told() {
    let log = Memory::new();
    let sampled = SampledGrants::new(NonZeroU64::new(3).unwrap(), log.clone());
    let mixed = (0..7).flat_map(|_| [get("/health"), get("/export")]);
    send(sampled, mixed).await;
    let events = log.take();
    let count = |outcome| {
        events
            .iter()
            .filter(|event| event.outcome == outcome)
            .count()
    };
    assert_eq!(count(Outcome::Granted), 3, "the first, fourth and seventh");
    assert_eq!(count(Outcome::Denied), 7);
}

struct Panicking;

impl AuditSink for Panicking {
    fn record(&self, _: &DecisionEvent<'_>) {
        panic!("a sink that panics");
    }
}

#[actix_web::test]
async fn of_two_sinks_the_second_is_told_though_the_first_panics() {
    let log = Memory::new();
    send((Panicking, Arc::new(log.clone())), [get("/health")]).await;
    assert_eq!(log.take().len(), 1);
}
