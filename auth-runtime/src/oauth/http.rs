//! Requests to an authorization server: for keys, and about tokens.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Certificate, Client, Method, RequestBuilder, StatusCode, Url};

/// The limits of requests to an authorization server, and the certificates they trust.
///
/// ```
/// use std::time::Duration;
/// use auth_runtime::oauth::HttpSettings;
///
/// let settings = HttpSettings::default().time_limit(Duration::from_secs(2)).max_size(64 * 1024);
/// ```
///
/// # Security
///
/// Only `https` is used, and TLS by rustls with the system's certificates: who can write the keys
/// can write tokens. Redirects are followed to the same origin only, and answers are not
/// decompressed.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    time_limit: Duration,
    max_size: usize,
    max_redirects: usize,
    certificates: Vec<Vec<u8>>,
    http_on_loopback: bool,
}

impl Default for HttpSettings {
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

impl HttpSettings {
    /// Sets how long one request may take, body included. The default is 3 seconds. Discovery takes
    /// up to three requests.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Sets the largest body that is read, in bytes. The default is 262,144.
    #[must_use]
    pub fn max_size(mut self, bytes: usize) -> Self {
        self.max_size = bytes;
        self
    }

    /// Sets how many redirects are followed, all to the same origin. The default is 3.
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

    /// A URL that may be asked. RFC 8414 §2 and RFC 7662 §4 ask for `https`.
    pub(super) fn url(&self, text: &str) -> Result<Url, HttpError> {
        let wrong = |problem| {
            // What stands before it may be a password.
            let shown = if text.contains('@') { "" } else { text };
            Err(HttpError::Url(shown.to_owned(), problem))
        };
        let Ok(url) = Url::parse(text) else {
            return wrong("it is not an absolute URL");
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(HttpError::Url(String::new(), "a URL holds credentials"));
        }
        match url.scheme() {
            "https" => Ok(url),
            "http" if self.http_on_loopback && is_loopback(&url) => Ok(url),
            _ => wrong("it is not `https`"),
        }
    }

    #[cfg(feature = "introspection")]
    pub(super) fn limit(&self) -> Duration {
        self.time_limit
    }
}

/// What is wrong with the settings of requests to an authorization server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpError {
    /// This URL cannot be used, and why.
    Url(String, &'static str),
    /// This limit is zero.
    Limit(&'static str),
    /// There is no certificate in the PEM, or one that cannot be read.
    Certificate,
    /// The client cannot be made, and why.
    Client(String),
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url, problem) => write!(f, "`{url}`: {problem}"),
            Self::Limit(name) => write!(f, "the limit `{name}` is zero"),
            Self::Certificate => f.write_str("there is no certificate in the PEM, or a broken one"),
            Self::Client(problem) => write!(f, "no HTTP client: {problem}"),
        }
    }
}

impl std::error::Error for HttpError {}

/// A client for one server. It is used on the [background](super::background) thread.
pub(super) struct HttpClient {
    client: Client,
    max_size: usize,
}

/// A whole answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl HttpClient {
    /// A client for the server of this URL, which follows as many redirects as the settings say.
    pub(super) fn new(settings: &HttpSettings, url: &Url) -> Result<Self, HttpError> {
        if settings.time_limit.is_zero() {
            return Err(HttpError::Limit("time_limit"));
        }
        if settings.max_size == 0 {
            return Err(HttpError::Limit("max_size"));
        }
        let most = settings.max_redirects;
        let mut builder = Client::builder()
            .user_agent(concat!("auth-runtime/", env!("CARGO_PKG_VERSION")))
            .timeout(settings.time_limit)
            .connect_timeout(settings.time_limit)
            .redirect(Policy::custom(move |attempt| redirect(attempt, most)));
        if settings.http_on_loopback || is_loopback(url) {
            // In clear it is for this machine alone, and not for a proxy of the environment.
            builder = builder.no_proxy();
        }
        for pem in &settings.certificates {
            match Certificate::from_pem_bundle(pem) {
                Ok(some) if !some.is_empty() => builder = builder.tls_certs_merge(some),
                _ => return Err(HttpError::Certificate),
            }
        }
        let client = builder.build();
        Ok(Self {
            client: client.map_err(|error| HttpError::Client(error.to_string()))?,
            max_size: settings.max_size,
        })
    }

    pub(super) fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.client.request(method, url)
    }

    /// Sends the request and reads the whole answer.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Answer, String> {
        let mut response = request.send().await.map_err(describe)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(describe)? {
            if body.len().saturating_add(chunk.len()) > self.max_size {
                return Err("the answer is too large".into());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status: response.status(),
            headers: response.headers().clone(),
            body,
        })
    }
}

/// To the same origin, and not for ever: another host is not the issuer.
fn redirect(attempt: Attempt<'_>, most: usize) -> reqwest::redirect::Action {
    let first = attempt.previous().first().map(Url::origin);
    if most == 0 {
        attempt.stop()
    } else if first != Some(attempt.url().origin()) {
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

/// The kind of error, and what it comes from; no URL, for a redirect may have put a secret into it.
fn describe(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
