//! The configuration of an introspection.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;
use serde_json::{Map, Value};

use super::answer::{Mapping, Rules};
use super::cache::Answers;
use super::client::{Client, Credentials, form_encode};
use super::{Introspection, Shared};
use crate::http::resource_metadata::split;
use crate::model::clock::{Clock, ClockSlot};
use crate::model::principal::Principal;
use crate::model::secret::Secret;

/// Collects the settings of an [`Introspection`].
#[must_use = "a configuration takes effect when it is built"]
pub struct IntrospectionBuilder {
    endpoint: String,
    credentials: Option<ClientCredentials>,
    audiences: Vec<String>,
    any_audience: bool,
    issuer: Option<String>,
    mapping: Option<Mapping>,
    timeout: Duration,
    cache_time: Duration,
    cache_size: usize,
    roots: Vec<Vec<u8>>,
    clock: ClockSlot,
}

enum ClientCredentials {
    Basic(String, Secret<'static>),
    Post(String, Secret<'static>),
    Bearer(Secret<'static>),
}

/// What is wrong with the configuration of an introspection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IntrospectionError {
    /// The endpoint is no `https` URL; `http` is taken on the loopback interface.
    Endpoint(String),
    /// This server has nothing to prove itself by (RFC 7662 §2.1), or it cannot be sent.
    Credentials,
    /// It is not said for whom tokens have to be meant.
    NoAudience,
    /// The time limit is zero.
    Timeout,
    /// The root certificate cannot be read.
    RootCertificate,
    /// The HTTP client cannot be made, for this reason.
    Client(String),
}

impl fmt::Display for IntrospectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint(text) => write!(
                f,
                "{text:?} is no introspection endpoint: write an https URL (RFC 7662 §4)"
            ),
            Self::Credentials => f.write_str(
                "no credentials for the introspection endpoint, or some that cannot be sent: call `.client(\"id\", secret)` (RFC 7662 §2.1)",
            ),
            Self::NoAudience => f.write_str(
                "no audience, so tokens meant for others would be taken: call `.audience(\"https://...\")`, or `.any_audience()` if the server sees to it",
            ),
            Self::Timeout => f.write_str("the time limit of the introspection is zero"),
            Self::RootCertificate => f.write_str("the root certificate is not PEM"),
            Self::Client(problem) => write!(f, "no HTTP client for the introspection: {problem}"),
        }
    }
}

impl std::error::Error for IntrospectionError {}

impl IntrospectionBuilder {
    pub(super) fn new(endpoint: String) -> Self {
        Self {
            endpoint,
            credentials: None,
            audiences: Vec::new(),
            any_audience: false,
            issuer: None,
            mapping: None,
            timeout: Duration::from_secs(3),
            cache_time: Duration::from_secs(30),
            cache_size: 16 * 1024 * 1024,
            roots: Vec::new(),
            clock: ClockSlot::default(),
        }
    }

    /// Sets this server's name and secret, sent with `Basic` (`client_secret_basic`,
    /// RFC 6749 §2.3.1). One way to prove itself is required; the last one set counts.
    pub fn client(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.credentials = Some(ClientCredentials::Basic(
            id.into(),
            Secret::new(secret.into()),
        ));
        self
    }

    /// Sets this server's name and secret, sent in the body (`client_secret_post`), for a server
    /// that does not take `Basic`.
    pub fn client_in_body(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.credentials = Some(ClientCredentials::Post(
            id.into(),
            Secret::new(secret.into()),
        ));
        self
    }

    /// Sets a token by which this server proves itself (RFC 7662 §2.1).
    pub fn client_token(mut self, token: impl Into<String>) -> Self {
        self.credentials = Some(ClientCredentials::Bearer(Secret::new(token.into())));
        self
    }

    /// Accepts tokens meant for this audience (`aud`), compared byte by byte: the identifier of
    /// this resource. Adds to those there are. Required, unless
    /// [`any_audience`](Self::any_audience) is set.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Accepts tokens whatever they are meant for, where no audience is set.
    ///
    /// # Security
    ///
    /// Only for a server that answers `active` for tokens of this resource alone: otherwise a
    /// token that was given to another service opens this one (RFC 9700 §4.10).
    pub fn any_audience(mut self) -> Self {
        self.any_audience = true;
        self
    }

    /// Accepts tokens of this issuer (`iss`) only, compared byte by byte. By default `iss` is not
    /// looked at: the endpoint speaks for its own tokens.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Completes the principal from the answer: roles, permissions, a value of the app's own.
    /// `None` refuses the token, and its `exp` holds whatever principal comes of it, which also has
    /// the answer's `iss`, `sub`, `jti` and `iat`, where it has no claims of these names. A member
    /// that is not of the form it should have gives nothing.
    pub fn map<F>(mut self, mapping: F) -> Self
    where
        F: Fn(Principal, &Map<String, Value>) -> Option<Principal> + Send + Sync + 'static,
    {
        self.mapping = Some(Arc::new(mapping));
        self
    }

    /// Sets how long one question may take. The default is 3 seconds; zero is an error.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// Sets how long an accepted answer is kept; never beyond the `exp` of the token. The default
    /// is 30 seconds; zero keeps none. Tokens that are not active are asked about each time.
    pub fn cache_time(mut self, longest: Duration) -> Self {
        self.cache_time = longest;
        self
    }

    /// Sets how many bytes of accepted answers are kept. The default is 16 MiB; an answer of ten
    /// members takes about 2 KiB. Zero keeps none.
    pub fn cache_size(mut self, bytes: usize) -> Self {
        self.cache_size = bytes;
        self
    }

    /// Trusts these certificate authorities too, in PEM, besides those of the system.
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(pem.into());
        self
    }

    /// Sets the clock by which tokens expire and answers are kept. The default is that of the
    /// [configuration](crate::AuthBuilder::clock) that uses the verifier.
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = ClockSlot::set(Clock::new(clock));
        self
    }

    /// Checks the settings and makes the verifier. Nothing is asked yet.
    ///
    /// # Errors
    ///
    /// [`IntrospectionError`] where a setting is missing or cannot be used.
    pub fn build(self) -> Result<Introspection, IntrospectionError> {
        if split(&self.endpoint).is_none() {
            // What stands before `@` may be a password.
            let shown = if self.endpoint.contains('@') {
                String::new()
            } else {
                self.endpoint
            };
            return Err(IntrospectionError::Endpoint(shown));
        }
        if self.audiences.is_empty() && !self.any_audience {
            return Err(IntrospectionError::NoAudience);
        }
        if self.timeout.is_zero() {
            return Err(IntrospectionError::Timeout);
        }
        let credentials = self
            .credentials
            .and_then(ClientCredentials::ready)
            .ok_or(IntrospectionError::Credentials)?;
        let roots = self
            .roots
            .iter()
            .map(|pem| match reqwest::Certificate::from_pem_bundle(pem) {
                Ok(some) if !some.is_empty() => Ok(some),
                _ => Err(IntrospectionError::RootCertificate),
            })
            .collect::<Result<Vec<_>, _>>()?
            .concat();
        let client = Client::new(self.endpoint, credentials, self.timeout, roots)
            .map_err(|error| IntrospectionError::Client(error.to_string()))?;
        Ok(Introspection(Arc::new(Shared {
            client,
            rules: Rules {
                audiences: self.audiences,
                issuer: self.issuer,
                mapping: self.mapping,
            },
            answers: Answers::new(self.cache_time, self.cache_size),
            flights: Arc::default(),
            timeout: self.timeout,
            clock: self.clock,
        })))
    }
}

impl ClientCredentials {
    /// As they are sent; `None` where they are empty or cannot be.
    fn ready(self) -> Option<Credentials> {
        let header = |text: String| {
            let mut value = HeaderValue::try_from(text).ok()?;
            value.set_sensitive(true);
            Some(Credentials::Header(value))
        };
        match self {
            Self::Basic(id, secret) if !id.is_empty() => {
                let pair = format!("{}:{}", form_encode(&id), form_encode(secret.expose()));
                header(format!("Basic {}", STANDARD.encode(pair)))
            }
            Self::Post(id, secret) if !id.is_empty() => {
                Some(Credentials::Body(Secret::new(format!(
                    "&client_id={}&client_secret={}",
                    form_encode(&id),
                    form_encode(secret.expose())
                ))))
            }
            Self::Bearer(token) if !token.expose().is_empty() => {
                header(format!("Bearer {}", token.expose()))
            }
            _ => None,
        }
    }
}

impl fmt::Debug for IntrospectionBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntrospectionBuilder")
            .field("endpoint", &self.endpoint)
            .field("audiences", &self.audiences)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}
