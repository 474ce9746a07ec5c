//! The hidden 404 on the wire: the bytes of an unknown path, and what becomes of the connection,
//! however long a verifier takes and however a body comes.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use actix_web::dev::RequestHead;
use actix_web::middleware::from_fn;
use actix_web::rt::task::spawn_blocking;
use actix_web::rt::time::sleep;
use actix_web::{App, HttpRequest, HttpResponse, web};
use auth_runtime::prelude::*;
use auth_runtime::{Denial, DenyUnprotected, keep_private};
use futures_util::{StreamExt as _, stream};

use crate::support::server::serve;

#[requires_role("admin", hide)]
async fn by_head(_: web::Bytes) -> &'static str {
    "hidden"
}

#[requires(all(authenticated, policy(never)), hide)]
async fn by_policy(_: web::Bytes) -> &'static str {
    "hidden"
}

async fn never() -> Decision {
    sleep(Duration::from_millis(1)).await;
    Decision::deny("never")
}

#[requires(check(|body| body.starts_with(b"secret")), hide)]
async fn by_check(body: web::Bytes) -> web::Bytes {
    body
}

#[requires_auth(hide)]
async fn inside(
    request: HttpRequest,
    _: web::Bytes,
    caller: Authenticated,
) -> Result<HttpResponse, Denial> {
    caller.require_scopes(&request, &["tools:write"])?;
    Ok(HttpResponse::Ok().finish())
}

struct Other;

#[requires_role("admin")]
async fn admin(_: web::Bytes) -> &'static str {
    "hidden"
}

async fn open(_: web::Bytes) -> &'static str {
    "hidden"
}

#[requires_auth(hide)]
async fn misread(_: Authenticated<Other>) -> &'static str {
    "hidden"
}

async fn verify(token: Secret<'static>, delay: Duration) -> Option<Principal> {
    if !delay.is_zero() {
        sleep(delay).await;
    }
    token.ct_eq("user").then(|| Principal::new("user"))
}

#[derive(Clone, Copy, Debug)]
#[allow(clippy::enum_variant_names, reason = "whose answer it is")]
enum Unknown {
    /// `auth.not_found_service()`.
    OfAuth,
    /// The same, with what the app wants it to say.
    OfApp,
    /// No default service.
    OfActix,
}

/// What a client sends behind the head's first lines: the rest of the head, and the body.
struct Sent {
    name: &'static str,
    method: &'static str,
    head: &'static str,
    /// In the packet of the head.
    body: Vec<u8>,
    /// In a packet of its own.
    later: Vec<u8>,
    /// The client sends nothing more.
    ends: bool,
    /// The body comes to an end, or to something that is no body.
    is_whole: bool,
}

impl Sent {
    /// The body becomes an argument of the handler: a caller who may have it sees why it does not.
    fn is_readable(&self) -> bool {
        !self.name.contains("large") && !self.name.contains("bad")
    }
}

#[allow(clippy::too_many_lines, reason = "a table")]
fn sent() -> Vec<Sent> {
    let of = |name, head, body: &[u8], later: &[u8]| Sent {
        name,
        method: "POST",
        head,
        body: body.to_vec(),
        later: later.to_vec(),
        ends: false,
        is_whole: true,
    };
    let stalled = |sent: Sent| Sent {
        is_whole: false,
        ..sent
    };
    let large = vec![b'x'; 300_000];
    let mut chunks = b"493e0\r\n".to_vec();
    chunks.extend(&large);
    chunks.extend(b"\r\n0\r\n\r\n");
    let chunked = "Transfer-Encoding: chunked\r\n";
    vec![
        of("nothing", "", b"", b""),
        of("an empty body", "Content-Length: 0\r\n", b"", b""),
        of("a body", "Content-Length: 2\r\n", b"ab", b""),
        of("a body later", "Content-Length: 2\r\n", b"", b"ab"),
        of("a body in two parts", "Content-Length: 2\r\n", b"a", b"b"),
        stalled(of("a stalled body", "Content-Length: 2\r\n", b"a", b"")),
        stalled(of(
            "a body that is not sent",
            "Content-Length: 2\r\n",
            b"",
            b"",
        )),
        stalled(of(
            "a body that is too long",
            "Content-Length: 99999999\r\n",
            b"",
            b"ab",
        )),
        of("a large body", "Content-Length: 300000\r\n", &large, b""),
        of(
            "a large body later",
            "Content-Length: 300000\r\n",
            b"",
            &large,
        ),
        of("chunks", chunked, b"2\r\nab\r\n0\r\n\r\n", b""),
        of("chunks later", chunked, b"", b"2\r\nab\r\n0\r\n\r\n"),
        of("chunks in two parts", chunked, b"2\r\nab\r\n", b"0\r\n\r\n"),
        stalled(of("stalled chunks", chunked, b"2\r\nab\r\n", b"")),
        of("large chunks", chunked, &chunks, b""),
        of("a bad chunk", chunked, b"zz\r\nab\r\n0\r\n\r\n", b""),
        of("a bad chunk later", chunked, b"", b"zz\r\nab\r\n0\r\n\r\n"),
        of("a bad second chunk", chunked, b"2\r\nab\r\nzz\r\n", b""),
        of(
            "a body that is asked for",
            "Content-Length: 2\r\nExpect: 100-continue\r\n",
            b"",
            b"ab",
        ),
        stalled(of(
            "a body that is asked for and not sent",
            "Content-Length: 2\r\nExpect: 100-continue\r\n",
            b"",
            b"",
        )),
        of(
            "a body and another request",
            "Content-Length: 2\r\n",
            b"abGET /nothing HTTP/1.1\r\nHost: a\r\n\r\n",
            b"",
        ),
        of(
            "another request",
            "",
            b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n",
            b"",
        ),
        of(
            "chunks and another request",
            chunked,
            b"2\r\nab\r\n0\r\n\r\nGET /nothing HTTP/1.1\r\nHost: a\r\n\r\n",
            b"",
        ),
        of(
            "a body and garbage",
            "Content-Length: 2\r\n",
            b"ab\0garbage\r\n\r\n",
            b"",
        ),
        of(
            "chunks with an extension and a trailer",
            chunked,
            b"2;name=\"value\"\r\nab\r\n0\r\nX-Trailer: x\r\n\r\n",
            b"",
        ),
        of(
            "a trailer later",
            "Transfer-Encoding: chunked\r\nTrailer: X-Trailer\r\n",
            b"2\r\nab\r\n0\r\n",
            b"X-Trailer: x\r\n\r\n",
        ),
        of(
            "an upgrade",
            "Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
            b"",
            b"",
        ),
        // The body of these is what follows, for as long as the connection lives.
        stalled(Sent {
            method: "GET",
            ..of(
                "a web socket",
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
                b"",
                b"\x81\x00",
            )
        }),
        stalled(Sent {
            method: "CONNECT",
            ..of("a tunnel", "", b"", b"")
        }),
        stalled(Sent {
            method: "CONNECT",
            ..of("a tunnel and its bytes", "", b"ab", b"cd")
        }),
        Sent {
            method: "OPTIONS",
            ..of(
                "a preflight",
                "Origin: http://b\r\nAccess-Control-Request-Method: POST\r\n",
                b"",
                b"",
            )
        },
        Sent {
            method: "NEVER",
            ..of("a method of no standard", "", b"", b"")
        },
        of(
            "two other requests",
            "",
            b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\nPOST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na",
            b"",
        ),
        of(
            "a range and a condition",
            "Range: bytes=0-1\r\nIf-None-Match: *\r\nIf-Modified-Since: Fri, 27 Nov 2026 00:00:00 GMT\r\nAccept: application/json\r\nAccept-Encoding: br\r\n",
            b"",
            b"",
        ),
        of(
            "a connection to be closed",
            "Connection: close\r\n",
            b"",
            b"",
        ),
        of(
            "a body on a connection to be closed",
            "Connection: close\r\nContent-Length: 2\r\n",
            b"ab",
            b"",
        ),
        Sent {
            method: "HEAD",
            ..of("a question for the head", "", b"", b"")
        },
        Sent {
            method: "GET",
            ..of(
                "a question with a body",
                "Content-Length: 2\r\n",
                b"ab",
                b"",
            )
        },
        Sent {
            ends: true,
            ..of("nothing more", "", b"", b"")
        },
        Sent {
            ends: true,
            ..of(
                "a body and nothing more",
                "Content-Length: 2\r\n",
                b"ab",
                b"",
            )
        },
        stalled(Sent {
            ends: true,
            ..of(
                "half a body and nothing more",
                "Content-Length: 2\r\n",
                b"a",
                b"",
            )
        }),
    ]
}

/// All that the server sends, and whether the connection is open after it: a second request on it
/// is answered.
#[derive(Debug, PartialEq)]
struct Seen {
    bytes: String,
    /// What the second request is answered with.
    then: String,
}

fn exchange(address: SocketAddr, path: &str, credentials: &str, sent: &Sent) -> Seen {
    let mut socket = TcpStream::connect(address).expect("the server listens");
    socket.set_nodelay(true).expect("a socket can be told so");
    let mut first = format!(
        "{} {path} HTTP/1.1\r\nHost: a\r\n{credentials}{}\r\n",
        sent.method, sent.head
    )
    .into_bytes();
    first.extend(&sent.body);
    // A server that ends the connection may do so before it has read all.
    let _ = socket.write_all(&first);
    if !sent.later.is_empty() {
        std::thread::sleep(Duration::from_millis(15));
        let _ = socket.write_all(&sent.later);
    }
    if sent.ends {
        std::thread::sleep(Duration::from_millis(15));
        let _ = socket.shutdown(Shutdown::Write);
    }
    let bytes = read(&mut socket, 10_000);
    // actix-web waits for the client to close, and longer than a test should.
    let patience = if bytes.contains("connection: close") {
        100
    } else {
        10_000
    };
    let then = match socket.write_all(b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n") {
        Ok(()) => read(&mut socket, patience),
        Err(_) => String::new(),
    };
    Seen { bytes, then }
}

/// Reads until nothing comes any more, and for so many milliseconds if nothing comes at all.
fn read(socket: &mut TcpStream, patience: u64) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let patience = if bytes.is_empty() { patience } else { 100 };
        socket
            .set_read_timeout(Some(Duration::from_millis(patience)))
            .expect("a socket has a time limit");
        match socket.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => bytes.extend(&buffer[..count]),
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::ConnectionReset
                ) =>
            {
                break;
            }
            Err(error) => panic!("{error}"),
        }
    }
    let text = String::from_utf8(bytes).expect("the answers are text");
    text.split("HTTP/1.1 ")
        .map(in_order)
        .collect::<Vec<_>>()
        .join("HTTP/1.1 ")
}

/// An answer without what changes from one to the next: the date, and the order of the headers that
/// actix-web keeps in a map.
fn in_order(answer: &str) -> String {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let mut lines: Vec<&str> = head
        .split("\r\n")
        .filter(|line| !line.starts_with("date: "))
        .collect();
    lines.sort_unstable();
    format!("{}\r\n\r\n{body}", lines.join("\r\n"))
}

#[allow(clippy::too_many_lines, reason = "one app, asked in every way")]
async fn assert_alike(unknown: Unknown, delay: Duration) {
    let builder = match unknown {
        Unknown::OfApp => Auth::builder().not_found(|head: &RequestHead| {
            HttpResponse::NotFound()
                .insert_header(("x-app", "mine"))
                .body(format!("no {}", head.method))
        }),
        _ => Auth::builder(),
    };
    let auth = builder
        .realm("wire")
        .scheme(Bearer::new(move |token: Secret<'static>| {
            verify(token, delay)
        }))
        .scheme(ApiKey::new("X-Api-Key", move |key: Secret<'static>| {
            verify(key, delay)
        }))
        .explain_denials(true)
        .build()
        .expect("the configuration is complete");
    let server = serve(move || {
        let app = App::new()
            .wrap(DenyUnprotected::new())
            .wrap(from_fn(keep_private))
            .app_data(auth.clone())
            .route("/head", web::route().to(by_head))
            .route("/policy", web::route().to(by_policy))
            .route("/check", web::route().to(by_check))
            .route("/inside", web::route().to(inside))
            .route("/misread", web::route().to(misread))
            .service(
                web::scope("/mount")
                    .wrap(require!(role("admin"), hide))
                    .route("", web::route().to(open)),
            )
            .service(
                web::scope("/around")
                    .wrap(require!(authenticated, hide))
                    .route("/attribute", web::route().to(admin))
                    .service(
                        web::scope("/mount")
                            .wrap(require!(policy(never)))
                            .route("", web::route().to(open)),
                    ),
            );
        match unknown {
            Unknown::OfAuth | Unknown::OfApp => app.default_service(auth.not_found_service()),
            Unknown::OfActix => app,
        }
    });
    let address = server.address;
    let mut asked = Vec::new();
    for (path, credentials) in [
        ("/head", ""),
        ("/head", "Authorization: Bearer wrong\r\n"),
        ("/head", "Authorization: Bearer user\r\n"),
        (
            "/head",
            "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n",
        ),
        ("/head", "X-Api-Key: wrong\r\n"),
        ("/head", "X-Api-Key: user\r\n"),
        ("/policy", "Authorization: Bearer user\r\n"),
        ("/mounted/x", ""),
        ("/mounted/x", "X-Api-Key: user\r\n"),
        ("/mounted/nosuch", "Authorization: Bearer user\r\n"),
        ("/check", "Authorization: Bearer wrong\r\n"),
        ("/check", "X-Api-Key: user\r\n"),
        ("/inside", "X-Api-Key: user\r\n"),
        ("/misread", "X-Api-Key: user\r\n"),
        ("/mount", "Authorization: Bearer wrong\r\n"),
        ("/mount", "X-Api-Key: user\r\n"),
        ("/around/attribute", "Authorization: Bearer user\r\n"),
        ("/around/mount", "Authorization: Bearer user\r\n"),
        ("http://a/head", "Authorization: Bearer wrong\r\n"),
        ("http://a/mount?query", "X-Api-Key: user\r\n"),
        ("/%68ead", "X-Api-Key: user\r\n"),
    ] {
        for sent in sent() {
            // Whether a caller who is authenticated may is not known before the body is, and what
            // they may have shows them why it cannot be read.
            let reads = matches!(path, "/check" | "/inside") && !credentials.contains("wrong");
            if reads && !sent.is_whole || path == "/inside" && !sent.is_readable() {
                continue;
            }
            // actix-http ends the connection without asking the handler once more.
            if reads && sent.name == "a bad chunk later" && !delay.is_zero() {
                continue;
            }
            // actix-web itself is not to be held up: the answer to a later request in the same packet
            // tells whether the first was answered before it was parsed.
            let is_bare = matches!(unknown, Unknown::OfActix);
            if is_bare
                && matches!(
                    sent.name,
                    "a body and another request" | "two other requests"
                )
            {
                continue;
            }
            let unknown_path = match path {
                path if path.starts_with("http:") => "http://a/nosuch",
                _ => "/nosuch",
            };
            asked.push(async move {
                spawn_blocking(move || {
                    // Packets may meet on their way: what differs, differs again.
                    (0..4)
                        .map(|_| {
                            let hidden = exchange(address, path, credentials, &sent);
                            let unknown = exchange(address, unknown_path, credentials, &sent);
                            (hidden != unknown).then(|| {
                                format!(
                                    "{} at {path} with {credentials:?}:\n  {hidden:?}\n  {unknown:?}",
                                    sent.name
                                )
                            })
                        })
                        .take_while(Option::is_some)
                        .nth(3)
                        .flatten()
                })
                .await
                .expect("the socket's thread ends well")
            });
        }
    }
    let differences: Vec<String> = stream::iter(asked)
        .buffer_unordered(64)
        .filter_map(std::future::ready)
        .collect()
        .await;
    server.stop().await;
    assert!(
        differences.is_empty(),
        "{unknown:?}, verifier takes {delay:?}: {} differences\n{}",
        differences.len(),
        differences.join("\n")
    );
}

macro_rules! alike {
    ($($name:ident: $unknown:ident, $delay:literal;)*) => {$(
        #[actix_web::test]
        async fn $name() {
            assert_alike(Unknown::$unknown, Duration::from_millis($delay)).await;
        }
    )*};
}

alike! {
    a_ready_verifier_and_the_answer_of_auth: OfAuth, 0;
    a_quick_verifier_and_the_answer_of_auth: OfAuth, 1;
    a_slow_verifier_and_the_answer_of_auth: OfAuth, 50;
    a_ready_verifier_and_the_answer_of_the_app: OfApp, 0;
    a_slow_verifier_and_the_answer_of_the_app: OfApp, 50;
    a_ready_verifier_and_the_answer_of_actix: OfActix, 0;
    a_quick_verifier_and_the_answer_of_actix: OfActix, 1;
    a_slow_verifier_and_the_answer_of_actix: OfActix, 50;
}
