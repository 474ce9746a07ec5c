//! Keys from a URL, named or discovered.

use std::fmt;
use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, CACHE_CONTROL, HeaderMap};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Certificate, Client, StatusCode, Url};
use serde_json::Value;

use super::fault::JwtError;
use super::refreshing::{Fetch, Fetched, Why};
use crate::http::json;

/// For how long a discovered address of the keys is used before the metadata is read again, where
/// no token names a key that is not there.
const ADDRESS_AGE: Duration = Duration::from_secs(24 * 3600);

/// The limits of a fetch over HTTP.
///
/// ```
/// use std::time::Duration;
/// use auth_runtime::oauth::jwt::Fetching;
///
/// let fetching = Fetching::default().time_limit(Duration::from_secs(2)).max_size(64 * 1024);
/// ```
///
/// # Security
///
/// Only `https` is used, and TLS by rustls with the system's certificates: who can write the keys
/// can write tokens. Redirects are followed to the same origin only, and answers are not
/// decompressed.
#[derive(Clone, Debug)]
pub struct Fetching {
    time_limit: Duration,
    max_size: usize,
    max_redirects: usize,
    certificates: Vec<Vec<u8>>,
    http_on_loopback: bool,
}

impl Default for Fetching {
    fn default() -> Self {
        Self {
            time_limit: Duration::from_secs(3),
            max_size: 256 * 1024,
            max_redirects: 3,
            certificates: Vec::new(),
            http_on_loopback: false,
        }
    }
}

impl Fetching {
    /// How long one request may take, body included. The default is 3 seconds. Discovery takes up
    /// to three.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// The largest body that is read, in bytes. The default is 262,144.
    #[must_use]
    pub fn max_size(mut self, bytes: usize) -> Self {
        self.max_size = bytes;
        self
    }

    /// How many redirects are followed, all to the same origin. The default is 3.
    #[must_use]
    pub fn max_redirects(mut self, count: usize) -> Self {
        self.max_redirects = count;
        self
    }

    /// Trusts a certificate authority of one's own as well as those of the system: one or more
    /// certificates in PEM. Others may be added by further calls.
    ///
    /// What holds no certificate is an error when the configuration is built.
    #[must_use]
    pub fn certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.certificates.push(pem.into());
        self
    }

    /// Allows `http` to addresses of this machine (`127.0.0.0/8`, `[::1]`, `localhost`): for tests
    /// and examples. Off by default.
    #[must_use]
    pub fn http_on_loopback(mut self, on: bool) -> Self {
        self.http_on_loopback = on;
        self
    }

    /// A URL that may be fetched. RFC 8414 §2 asks for `https`.
    pub(super) fn url(&self, text: &str) -> Result<Url, JwtError> {
        let wrong = |problem| {
            // What stands before it may be a password.
            let shown = if text.contains('@') { "" } else { text };
            Err(JwtError::Url(shown.to_owned(), problem))
        };
        let Ok(url) = Url::parse(text) else {
            return wrong("it is not an absolute URL");
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(JwtError::Url(String::new(), "a URL holds credentials"));
        }
        match url.scheme() {
            "https" => Ok(url),
            "http" if self.http_on_loopback && is_loopback(&url) => Ok(url),
            _ => wrong("it is not `https`"),
        }
    }

    fn client(&self, url: &Url) -> Result<Client, JwtError> {
        if self.time_limit.is_zero() {
            return Err(JwtError::Limit("time_limit"));
        }
        if self.max_size == 0 {
            return Err(JwtError::Limit("max_size"));
        }
        let wrong = |error: reqwest::Error| JwtError::Client(error.to_string());
        let most = self.max_redirects;
        let mut builder = Client::builder()
            .user_agent(concat!("auth-runtime/", env!("CARGO_PKG_VERSION")))
            .timeout(self.time_limit)
            .connect_timeout(self.time_limit)
            // A connection belongs to the thread that made it, and that ends with the fetch.
            .pool_max_idle_per_host(0)
            .redirect(Policy::custom(move |attempt| redirect(attempt, most)));
        if is_loopback(url) {
            builder = builder.no_proxy();
        }
        for pem in &self.certificates {
            let certificates = Certificate::from_pem_bundle(pem).map_err(wrong)?;
            if certificates.is_empty() {
                return Err(JwtError::Client(
                    "there is no certificate in the PEM".into(),
                ));
            }
            builder = builder.tls_certs_merge(certificates);
        }
        builder.build().map_err(wrong)
    }
}

/// To the same origin, and not for ever: another host is not the issuer.
fn redirect(attempt: Attempt<'_>, most: usize) -> reqwest::redirect::Action {
    let first = attempt.previous().first().map(Url::origin);
    if first != Some(attempt.url().origin()) {
        attempt.error("a redirect to another origin")
    } else if attempt.previous().len() > most {
        attempt.error("too many redirects")
    } else {
        attempt.follow()
    }
}

fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let address = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    })
}

/// Where the keys are, or where that is said.
#[derive(Clone, Debug)]
pub(super) enum Address {
    Keys(String),
    /// OpenID Connect Discovery 1.0 §4, and where that is not found, RFC 8414 §3.
    Discovery {
        issuer: String,
    },
}

pub(super) struct Remote {
    client: Client,
    fetching: Fetching,
    name: String,
    address: Parsed,
    /// What discovery found, and when.
    discovered: Mutex<Option<(Url, Instant)>>,
}

enum Parsed {
    Keys(Url),
    Discovery { issuer: String, places: [Url; 2] },
}

impl Remote {
    pub(super) fn new(address: &Address, fetching: &Fetching) -> Result<Self, JwtError> {
        let (name, url, address) = match address {
            Address::Keys(text) => {
                let url = fetching.url(text)?;
                (text.clone(), url.clone(), Parsed::Keys(url))
            }
            Address::Discovery { issuer } => {
                let url = fetching.url(issuer)?;
                if url.query().is_some() || url.fragment().is_some() {
                    // RFC 8414 §2.
                    return Err(JwtError::Url(
                        issuer.clone(),
                        "an issuer has no query and no fragment",
                    ));
                }
                let parsed = Parsed::Discovery {
                    issuer: issuer.clone(),
                    places: metadata_places(&url),
                };
                (issuer.clone(), url, parsed)
            }
        };
        Ok(Self {
            client: fetching.client(&url)?,
            fetching: fetching.clone(),
            name,
            address,
            discovered: Mutex::default(),
        })
    }

    async fn keys(&self, why: Why) -> Result<Fetched, String> {
        let url = match &self.address {
            Parsed::Keys(url) => url.clone(),
            Parsed::Discovery { issuer, places } => self.discover(issuer, places, why).await?,
        };
        match self.get(url).await {
            Ok(Answer::Body(document, max_age)) => Ok(Fetched { document, max_age }),
            outcome => {
                // They may have moved: ask again next time.
                self.forget_address();
                Err(outcome.err().unwrap_or_else(|| "there are no keys".into()))
            }
        }
    }

    fn forget_address(&self) {
        let mut discovered = self
            .discovered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *discovered = None;
    }

    /// Where the keys are: as it was found lately, or as the metadata says now. A token that names
    /// an unknown key is a reason to look, for a copy of the old keys may still be at the old place;
    /// but that place serves where the metadata cannot be had.
    async fn discover(&self, issuer: &str, places: &[Url; 2], why: Why) -> Result<Url, String> {
        let known = self
            .discovered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
            .filter(|(_, at)| at.elapsed() < ADDRESS_AGE)
            .map(|(url, _)| url);
        match known {
            None => self.look_up(issuer, places).await,
            Some(url) if why == Why::Age => Ok(url),
            Some(url) => Ok(self.look_up(issuer, places).await.unwrap_or(url)),
        }
    }

    async fn look_up(&self, issuer: &str, places: &[Url; 2]) -> Result<Url, String> {
        for place in places {
            if let Answer::Body(metadata, _) = self.get(place.clone()).await? {
                let url = self.keys_url(&metadata, issuer)?;
                *self
                    .discovered
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner) = Some((url.clone(), Instant::now()));
                return Ok(url);
            }
        }
        Err("the issuer publishes no metadata".into())
    }

    fn keys_url(&self, metadata: &[u8], issuer: &str) -> Result<Url, String> {
        let metadata = json::object(metadata).ok_or("the metadata is not one JSON object")?;
        // RFC 8414 §3.3: identical, or not to be used.
        if metadata.get("issuer").and_then(Value::as_str) != Some(issuer) {
            return Err("the metadata is that of another issuer".into());
        }
        let url = metadata
            .get("jwks_uri")
            .and_then(Value::as_str)
            .ok_or("the metadata has no `jwks_uri`")?;
        self.fetching.url(url).map_err(|error| error.to_string())
    }

    async fn get(&self, url: Url) -> Result<Answer, String> {
        let request = self.client.get(url).header(ACCEPT, "application/json");
        let mut response = request.send().await.map_err(|error| describe(&error))?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(Answer::NotFound),
            status => return Err(format!("the answer is {status}")),
        }
        let max_age = max_age(response.headers());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| describe(&error))? {
            if body.len().saturating_add(chunk.len()) > self.fetching.max_size {
                return Err("the answer is too large".into());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer::Body(body, max_age))
    }
}

enum Answer {
    Body(Vec<u8>, Option<Duration>),
    NotFound,
}

impl Fetch for Remote {
    fn fetch(&self, why: Why) -> Result<Fetched, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        runtime.block_on(self.keys(why))
    }

    fn place(&self) -> &str {
        &self.name
    }
}

/// The kind of error, and what it comes from.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

/// OpenID Connect Discovery 1.0 §4.1 puts the well-known name behind the issuer's path,
/// RFC 8414 §3.1 before it.
fn metadata_places(issuer: &Url) -> [Url; 2] {
    let path = issuer.path().trim_end_matches('/');
    let mut openid = issuer.clone();
    openid.set_path(&format!("{path}/.well-known/openid-configuration"));
    let mut oauth = issuer.clone();
    oauth.set_path(&format!("/.well-known/oauth-authorization-server{path}"));
    [openid, oauth]
}

/// RFC 9111 §5.2.2: for how long the answer is fresh. What must not be stored is so for no time,
/// which the lower bound of the configuration corrects.
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let mut found = None;
    for line in headers.get_all(CACHE_CONTROL) {
        for directive in line.to_str().unwrap_or_default().split(',') {
            let directive = directive.trim().to_ascii_lowercase();
            if directive == "no-store" || directive == "no-cache" {
                return Some(Duration::ZERO);
            }
            if let Some(seconds) = directive.strip_prefix("max-age=") {
                found = seconds
                    .trim_matches('"')
                    .parse()
                    .ok()
                    .map(Duration::from_secs);
            }
        }
    }
    found
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
