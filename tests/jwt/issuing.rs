//! An issuer that publishes keys, and does what it is told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use auth_runtime::oauth::HttpSettings;
use auth_runtime::oauth::jwt::Issuer;
use futures_util::stream;
use serde_json::{Value, json};

use crate::minting::Signer;

/// What a path answers.
#[derive(Clone)]
pub enum Page {
    Json(String),
    /// With this `Cache-Control`.
    Cached(String, &'static str),
    /// With this `ETag`, and 304 to who has it already.
    Tagged(String, &'static str),
    Status(u16),
    Html,
    /// So many bytes of JSON, with or without saying so before.
    Long(usize, bool),
    /// Headers and the beginning of a body, and then nothing more.
    Stall,
    /// No answer at all.
    Silence,
    Redirect(String),
    /// It hangs up in the middle.
    HangUp,
}

#[derive(Default)]
struct State {
    pages: HashMap<String, Page>,
    hits: HashMap<String, usize>,
    unmodified: usize,
}

/// A server on a free port of this machine. It stops when it is dropped.
pub struct FakeIssuer {
    pub url: String,
    state: Arc<Mutex<State>>,
    server: ServerHandle,
}

pub const KEYS: &str = "/keys";

impl FakeIssuer {
    pub fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Data::from(Arc::clone(&state));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .default_service(web::to(page))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self {
            url,
            state,
            server: handle,
        }
    }

    pub fn set(&self, path: &str, page: Page) {
        self.state.lock().unwrap().pages.insert(path.into(), page);
    }

    /// Publishes these keys.
    pub fn publish(&self, signers: &[&Signer]) {
        let keys: Vec<Value> = signers.iter().map(|signer| signer.jwk()).collect();
        self.publish_json(&keys.into());
    }

    pub fn publish_json(&self, keys: &Value) {
        self.set(KEYS, Page::Json(json!({ "keys": keys }).to_string()));
    }

    /// How often a path was asked for.
    pub fn hits(&self, path: &str) -> usize {
        let state = self.state.lock().unwrap();
        state.hits.get(path).copied().unwrap_or(0)
    }

    /// How often the answer was 304.
    pub fn unmodified(&self) -> usize {
        self.state.lock().unwrap().unmodified
    }

    /// How often the keys were.
    pub fn fetches(&self) -> usize {
        self.hits(KEYS)
    }

    /// Waits for what happens in the background.
    pub async fn until(&self, holds: impl Fn(&Self) -> bool) {
        for _ in 0..2000 {
            if holds(self) {
                return;
            }
            actix_web::rt::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("it does not happen");
    }

    /// The issuer of the tests, with the keys from here.
    pub fn issuer(&self) -> Issuer {
        Issuer::new(crate::minting::ISSUER)
            .jwks_url(format!("{}{KEYS}", self.url))
            .http(fetching())
    }
}

/// Short limits, and this machine without TLS.
pub fn fetching() -> HttpSettings {
    HttpSettings::default()
        .http_on_loopback(true)
        .time_limit(Duration::from_millis(500))
}

impl Drop for FakeIssuer {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

async fn page(request: HttpRequest, state: Data<Mutex<State>>) -> HttpResponse {
    let path = request.path().to_owned();
    let page = {
        let mut state = state.lock().unwrap();
        *state.hits.entry(path.clone()).or_default() += 1;
        state.pages.get(&path).cloned()
    };
    let json = "application/json";
    match page {
        None => HttpResponse::NotFound().finish(),
        Some(Page::Json(body)) => HttpResponse::Ok().content_type(json).body(body),
        Some(Page::Cached(body, directives)) => HttpResponse::Ok()
            .insert_header(("Cache-Control", directives))
            .content_type(json)
            .body(body),
        Some(Page::Tagged(body, tag)) => {
            let known = request.headers().get("If-None-Match");
            let mut response = if known.is_some_and(|known| known == tag) {
                HttpResponse::NotModified()
            } else {
                HttpResponse::Ok()
            };
            response.insert_header(("ETag", tag));
            if known.is_some_and(|known| known == tag) {
                state.lock().unwrap().unmodified += 1;
                response.finish()
            } else {
                response.content_type(json).body(body)
            }
        }
        Some(Page::Status(status)) => {
            HttpResponse::build(status.try_into().unwrap()).body("{\"keys\":[]}")
        }
        Some(Page::Html) => HttpResponse::Ok()
            .content_type("text/html")
            .body("<!doctype html><title>Sign in to this network</title>"),
        Some(Page::Long(length, true)) => HttpResponse::Ok().body(long(length)),
        Some(Page::Long(length, false)) => {
            let chunks = long(length);
            let chunks: Vec<_> = chunks
                .chunks(4096)
                .map(|chunk| Ok::<_, actix_web::Error>(Bytes::copy_from_slice(chunk)))
                .collect();
            HttpResponse::Ok().streaming(stream::iter(chunks))
        }
        Some(Page::Stall) => {
            use futures_util::StreamExt as _;
            let first =
                stream::iter([Ok::<_, actix_web::Error>(Bytes::from_static(b"{\"keys\":"))]);
            HttpResponse::Ok().streaming(first.chain(stream::pending()))
        }
        Some(Page::Silence) => std::future::pending().await,
        Some(Page::Redirect(to)) => HttpResponse::Found()
            .insert_header(("Location", to))
            .finish(),
        Some(Page::HangUp) => {
            let error = actix_web::error::ErrorInternalServerError("hang up");
            let pages = [Ok(Bytes::from_static(b"{\"keys\":[")), Err(error)];
            HttpResponse::Ok().streaming(stream::iter(pages))
        }
    }
}

/// A JWK Set of this length.
fn long(length: usize) -> Bytes {
    let mut body = b"{\"keys\":[],\"x\":\"".to_vec();
    body.resize(length - 2, b'y');
    body.extend_from_slice(b"\"}");
    body.into()
}
