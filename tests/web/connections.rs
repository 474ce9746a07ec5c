//! Connections that end when their caller is revoked.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actix_session::storage::CookieSessionStore;
use actix_web::body::{BodySize, MessageBody};
use actix_web::rt::time::{sleep, timeout};
use actix_web::web::{Bytes, Data, Payload};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use actix_ws::{CloseCode, CloseReason, Message};
use auth_runtime::oauth::revocation::{RedisRevocations, Revocations};
use auth_runtime::prelude::*;
use auth_runtime::scheme::VerifyToken;
use auth_runtime::scheme::session::{Login, Sessions};
use auth_runtime::{CallerSession, Denial, Ended, UntilRevoked};
use futures_util::{Stream, StreamExt as _, stream};

use crate::redis::Redis;
use crate::support::{NOW, Server, at};

const EVERY: Duration = Duration::from_millis(100);

/// What the store behind the verifier says of each token; a token of which it says nothing is not
/// valid.
type Tokens = Arc<Mutex<HashMap<&'static str, Result<Principal, VerifyError>>>>;

#[derive(Clone, Default)]
struct Store(Tokens);

impl Store {
    fn with(token: &'static str, principal: Principal) -> Self {
        let store = Self::default();
        store.put(token, Ok(principal));
        store
    }

    fn put(&self, token: &'static str, outcome: Result<Principal, VerifyError>) {
        self.0.lock().unwrap().insert(token, outcome);
    }

    fn remove(&self, token: &'static str) {
        self.0.lock().unwrap().remove(token);
    }
}

impl VerifyToken for Store {
    async fn verify(&self, token: Secret<'static>) -> Result<Option<Principal>, VerifyError> {
        let held = self.0.lock().unwrap().get(token.expose()).cloned();
        held.transpose()
    }
}

/// For how long the handlers of a server go on without an answer.
#[derive(Clone, Copy)]
struct Outage(Duration);

fn watch(request: &HttpRequest, caller: &Authenticated) -> UntilRevoked {
    let Outage(outage) = *request.app_data::<Outage>().unwrap();
    caller.until_revoked(request).every(EVERY).outage(outage)
}

/// Many a second, and without an end of its own.
fn ticks() -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
    stream::unfold((), |()| async {
        sleep(Duration::from_millis(10)).await;
        Some((Ok(Bytes::from_static(b"data: tick\n\n")), ()))
    })
}

#[get("/events")]
#[requires_role("reader")]
async fn events(request: HttpRequest, caller: Authenticated) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .streaming(watch(&request, &caller).ending(ticks()))
}

/// A stream that is always ready is asked all the same.
#[get("/flood")]
#[requires_auth]
async fn flood(request: HttpRequest, caller: Authenticated) -> HttpResponse {
    let zeros = stream::repeat_with(|| Ok::<_, actix_web::Error>(Bytes::from_static(&[0; 1024])));
    HttpResponse::Ok().streaming(watch(&request, &caller).ending(zeros))
}

#[get("/ws")]
#[requires_auth]
async fn ws(
    request: HttpRequest,
    caller: Authenticated,
    body: Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let (response, mut session, mut messages) = actix_ws::handle(&request, body)?;
    let mut until_revoked = watch(&request, &caller);
    actix_web::rt::spawn(async move {
        loop {
            tokio::select! {
                ended = &mut until_revoked => {
                    let reason = CloseReason {
                        code: CloseCode::from(4401),
                        description: Some(ended.to_string()),
                    };
                    return session.close(Some(reason)).await;
                }
                message = messages.next() => match message {
                    Some(Ok(Message::Text(text))) => session.text(text).await?,
                    Some(Ok(_)) => {}
                    _ => return session.close(Some(CloseCode::Normal.into())).await,
                },
            }
        }
    });
    Ok(response)
}

fn serve(verifier: impl VerifyToken, outage: Duration) -> Server {
    let auth = Auth::builder()
        .realm("web")
        .scheme(Bearer::verifier(verifier))
        .build()
        .unwrap();
    Server::start(move |app| {
        app.app_data(auth.clone())
            .app_data(Outage(outage))
            .service(events)
            .service(flood)
            .service(ws);
    })
}

fn ada() -> Principal {
    Principal::new("ada").role("reader")
}

async fn open(server: &Server, path: &str, token: &str) -> reqwest::Response {
    let request = reqwest::Client::new().get(server.url(path));
    let request = request.header("Authorization", format!("Bearer {token}"));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    response
}

/// Reads for so long; `true` where the body came to its end, as a complete one.
async fn ends_within(response: &mut reqwest::Response, limit: Duration) -> bool {
    let end = async { while response.chunk().await.unwrap().is_some() {} };
    timeout(limit, end).await.is_ok()
}

const SOON: Duration = Duration::from_secs(1);
const A_WHILE: Duration = Duration::from_millis(500);

#[actix_web::test]
async fn a_stream_ends_when_its_token_is_revoked_and_no_other_does() {
    let store = Store::with("t1", ada());
    store.put("t2", Ok(ada()));
    let server = serve(store.clone(), SOON);
    for path in ["/events", "/flood"] {
        store.put("t1", Ok(ada()));
        let mut revoked = open(&server, path, "t1").await;
        let mut other = open(&server, path, "t2").await;
        assert!(!ends_within(&mut revoked, A_WHILE).await, "{path}");
        store.remove("t1");
        assert!(ends_within(&mut revoked, SOON).await, "{path}");
        assert!(!ends_within(&mut other, A_WHILE).await, "{path}");
    }
}

#[actix_web::test]
async fn a_stream_ends_when_the_token_stands_for_somebody_else_or_lost_its_role() {
    let store = Store::default();
    let server = serve(store.clone(), SOON);
    for (change, ends) in [
        (Ok(Principal::new("eve").role("reader")), true),
        (Ok(Principal::new("ada")), true),
        (
            Ok(Principal::new("ada").role("reader").role("admin")),
            false,
        ),
        (Err(VerifyError::revoked()), true),
        (Err(VerifyError::expired()), true),
    ] {
        store.put("t1", Ok(ada()));
        let mut stream = open(&server, "/events", "t1").await;
        let about = format!("{change:?}");
        store.put("t1", change);
        assert_eq!(ends_within(&mut stream, SOON).await, ends, "{about}");
    }
}

#[actix_web::test]
async fn a_store_that_is_away_for_too_long_ends_it_and_a_short_outage_does_not() {
    let store = Store::with("t1", ada());
    let server = serve(store.clone(), Duration::from_millis(600));
    let away = || Err(VerifyError::unavailable());
    let mut stream = open(&server, "/events", "t1").await;
    store.put("t1", away());
    assert!(!ends_within(&mut stream, Duration::from_millis(300)).await);
    store.put("t1", Ok(ada()));
    assert!(!ends_within(&mut stream, SOON).await);
    store.put("t1", away());
    let started = Instant::now();
    assert!(ends_within(&mut stream, Duration::from_secs(3)).await);
    assert!(
        started.elapsed() >= Duration::from_millis(600),
        "{:?}",
        started.elapsed()
    );
    // Without patience, the first silence ends it.
    let server = serve(store.clone(), Duration::ZERO);
    store.put("t1", Ok(ada()));
    let mut stream = open(&server, "/events", "t1").await;
    store.put("t1", away());
    assert!(ends_within(&mut stream, SOON).await);
}

#[actix_web::test]
async fn an_expiry_that_is_known_ends_it_in_time_whatever_can_be_reached() {
    static CLOCK: AtomicU64 = AtomicU64::new(NOW);
    let store = Store::with("t1", ada().with_expires_at(at(NOW + 60)));
    let auth = Auth::builder()
        .realm("web")
        .scheme(Bearer::verifier(store.clone()))
        .clock(|| at(CLOCK.load(Ordering::Relaxed)))
        .build()
        .unwrap();
    let server = Server::start(move |app| {
        app.app_data(auth.clone())
            .app_data(Outage(Duration::from_secs(3600)))
            .service(events);
    });
    let mut stream = open(&server, "/events", "t1").await;
    store.put("t1", Err(VerifyError::unavailable()));
    CLOCK.store(NOW + 59, Ordering::Relaxed);
    assert!(!ends_within(&mut stream, A_WHILE).await);
    CLOCK.store(NOW + 60, Ordering::Relaxed);
    // It had a second left when the pause began that it is in.
    assert!(ends_within(&mut stream, Duration::from_secs(2)).await);
}

/// A WebSocket client that reads frames of a server and writes small ones.
struct Socket(TcpStream);

impl Socket {
    fn open(server: &Server, token: &str) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(5)))
            .unwrap();
        let head = format!(
            "GET /ws HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            answer.push(byte[0]);
        }
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
        Self(stream)
    }

    fn send(&mut self, text: &str) {
        // RFC 6455 §5.3: masked, here with zeros.
        let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0];
        frame.extend(text.as_bytes());
        self.0.write_all(&frame).unwrap();
    }

    /// The first byte of a frame, and its payload.
    fn receive(&mut self) -> (u8, Vec<u8>) {
        let mut head = [0; 2];
        self.0.read_exact(&mut head).unwrap();
        let mut payload = vec![0; head[1].into()];
        self.0.read_exact(&mut payload).unwrap();
        (head[0], payload)
    }
}

#[actix_web::test]
async fn a_websocket_is_closed_with_the_code_of_the_app() {
    let store = Store::with("t1", ada());
    let server = serve(store.clone(), SOON);
    let frame = web::block(move || {
        let mut socket = Socket::open(&server, "t1");
        socket.send("hello");
        assert_eq!(socket.receive(), (0x81, b"hello".to_vec()));
        store.remove("t1");
        socket.receive()
    });
    let (kind, payload) = frame.await.unwrap();
    assert_eq!(kind, 0x88);
    assert_eq!(u16::from_be_bytes([payload[0], payload[1]]), 4401);
    assert_eq!(&payload[2..], b"the credentials are not valid any more");
}

#[actix_web::test]
async fn what_one_server_revokes_ends_the_stream_on_the_other() {
    let Some(redis) = Redis::start() else { return };
    let revocations =
        || Revocations::new(RedisRevocations::new(&redis.url()).unwrap()).interval(EVERY);
    let (first, second) = (revocations(), revocations());
    let store = Store::with("t1", ada());
    store.put("t2", Ok(ada()));
    let server = serve(second.protect(store), SOON);
    let mut stream = open(&server, "/events", "t1").await;
    let mut other = open(&server, "/events", "t2").await;
    assert!(!ends_within(&mut stream, A_WHILE).await);
    let later = std::time::SystemTime::now() + Duration::from_secs(3600);
    first.revoke_token(&Secret::new("t1"), later).await.unwrap();
    assert!(ends_within(&mut stream, SOON).await);
    assert!(!ends_within(&mut other, A_WHILE).await);
    // The store goes away: what cannot be told for too long is ended.
    redis.stop();
    assert!(ends_within(&mut other, Duration::from_secs(5)).await);
}

#[actix_web::test]
async fn any_body_ends_and_promises_no_length() {
    #[get("/body")]
    #[requires_auth]
    async fn body(
        request: HttpRequest,
        caller: Authenticated,
        seen: Data<Mutex<Vec<Ended>>>,
    ) -> HttpResponse {
        let text = "a body of a length";
        assert_ne!(text.size(), BodySize::Stream);
        let mut again = watch(&request, &caller);
        actix_web::rt::spawn(async move {
            let first = (&mut again).await;
            seen.lock().unwrap().push(first);
            // It may be asked again, as in a loop.
            let second = again.await;
            seen.lock().unwrap().push(second);
        });
        HttpResponse::Ok().body(watch(&request, &caller).ending(text))
    }

    let store = Store::with("t1", ada());
    let auth = Auth::builder()
        .realm("web")
        .scheme(Bearer::verifier(store.clone()))
        .build()
        .unwrap();
    let seen = Data::new(Mutex::new(Vec::<Ended>::new()));
    let held = seen.clone();
    let server = Server::start(move |app| {
        app.app_data(auth.clone())
            .app_data(Outage(SOON))
            .app_data(held.clone())
            .service(body);
    });
    let response = open(&server, "/body", "t1").await;
    assert_eq!(response.content_length(), None);
    assert_eq!(response.text().await.unwrap(), "a body of a length");
    store.put("t1", Err(VerifyError::expired()));
    let end = Instant::now() + Duration::from_secs(3);
    while seen.lock().unwrap().len() < 2 {
        assert!(Instant::now() < end);
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(*seen.lock().unwrap(), [Ended::Expired; 2]);
}

/// Seconds of the clock of the sessions.
static SESSION_CLOCK: AtomicU64 = AtomicU64::new(NOW);

#[post("/login")]
#[public(reason = "a test")]
async fn login(session: CallerSession) -> Result<HttpResponse, Denial> {
    session.login(Login::new("ada")).await?;
    Ok(HttpResponse::Ok().finish())
}

#[post("/logout")]
#[requires_auth]
async fn logout(session: CallerSession) -> Result<HttpResponse, Denial> {
    session.logout().await?;
    Ok(HttpResponse::Ok().finish())
}

#[actix_web::test]
async fn a_stream_lasts_as_long_as_its_session_and_no_longer() {
    let store = Store::default();
    let users = store.clone();
    let load = move |subject: String| {
        let users = users.clone();
        async move { users.verify(Secret::new(subject)).await }
    };
    let secret = "0123456789abcdefghijklmnopqrstuvwxyz";
    let sessions = Sessions::new(secret, load, Revocations::in_memory());
    let sessions = sessions.cookie_without_tls();
    let auth = Auth::builder()
        .realm("web")
        .scheme(sessions.clone())
        .clock(|| at(SESSION_CLOCK.load(Ordering::Relaxed)))
        .build()
        .unwrap();
    let server = Server::start(move |app| {
        let scope = web::scope("")
            .app_data(auth.clone())
            .app_data(Outage(Duration::from_millis(300)))
            .service((login, logout, events, ws))
            .wrap(sessions.middleware(CookieSessionStore::default()));
        app.service(scope);
    });
    let client = reqwest::Client::new();
    let minutes = |minutes: u64| {
        SESSION_CLOCK.fetch_add(60 * minutes, Ordering::Relaxed);
    };
    for end in ["logout", "idle", "deleted", "role", "away"] {
        store.put("ada", Ok(ada()));
        let answer = client.post(server.url("/login")).send().await.unwrap();
        let cookie = answer
            .headers()
            .get("set-cookie")
            .unwrap()
            .to_str()
            .unwrap();
        let cookie = cookie.split(';').next().unwrap();
        let stream = client.get(server.url("/events")).header("cookie", cookie);
        let mut stream = stream.send().await.unwrap();
        assert_eq!(stream.status(), 200);
        // Verified again a dozen times, and no use of the session by itself.
        minutes(29);
        assert!(
            !ends_within(&mut stream, Duration::from_millis(1300)).await,
            "{end}"
        );
        match end {
            "logout" => {
                let request = client.post(server.url("/logout")).header("cookie", cookie);
                assert_eq!(request.send().await.unwrap().status(), 200);
            }
            "idle" => minutes(1),
            "deleted" => store.remove("ada"),
            "role" => store.put("ada", Ok(Principal::new("ada"))),
            _ => store.put("ada", Err(VerifyError::unavailable())),
        }
        assert!(ends_within(&mut stream, 2 * SOON).await, "{end}");
    }
}
