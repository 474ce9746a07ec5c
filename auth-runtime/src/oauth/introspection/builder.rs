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
use crate::model::clock::{Clock, ClockSlot};
use crate::model::principal::Principal;
use crate::model::secret::Secret;
use crate::oauth::http::{HttpClient, HttpError, HttpSettings};
use crate::oauth::single_flight::SingleFlight;
use crate::oauth::warn_once::WarnOnce;

/// Collects the settings of an [`Introspection`].
#[must_use = "a configuration takes effect when it is built"]
pub struct IntrospectionBuilder {
    endpoint: String,
    credentials: Option<ClientCredentials>,
    audiences: Vec<String>,
    any_audience: bool,
    is_untyped: bool,
    subject: Vec<String>,
    issuer: Option<String>,
    mapping: Option<Mapping>,
    cache_time: Duration,
    cache_size: usize,
    http: HttpSettings,
    clock: ClockSlot,
}

enum ClientCredentials {
    None,
    Basic(String, Secret<'static>),
    Post(String, Secret<'static>),
    Bearer(Secret<'static>),
}

/// What is wrong with the configuration of an introspection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IntrospectionError {
    /// The endpoint cannot be asked by these settings. `http` is allowed on the loopback interface.
    Http(HttpError),
    /// This server has nothing to prove itself by (RFC 7662 §2.1), or it cannot be sent.
    Credentials,
    /// No audience is set.
    NoAudience,
    /// No member of the answer names the subject.
    NoSubject,
}

impl fmt::Display for IntrospectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSubject => f.write_str("no member of the answer names the subject"),
            Self::Http(error) => write!(f, "the introspection endpoint: {error}"),
            Self::Credentials => f.write_str(
                "no credentials for the introspection endpoint, or some that cannot be sent: call `.client(\"id\", secret)` (RFC 7662 §2.1)",
            ),
            Self::NoAudience => f.write_str(
                "no audience, so tokens meant for others would be taken: call `.audience(\"https://...\")`, or `.any_audience()` if the server sees to it",
            ),
        }
    }
}

impl std::error::Error for IntrospectionError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Http(error) => Some(error),
            _ => None,
        }
    }
}

impl IntrospectionBuilder {
    pub(super) fn new(endpoint: String) -> Self {
        Self {
            endpoint,
            credentials: None,
            audiences: Vec::new(),
            any_audience: false,
            is_untyped: false,
            subject: vec!["sub".into()],
            issuer: None,
            mapping: None,
            cache_time: Duration::from_secs(30),
            cache_size: 16 * 1024 * 1024,
            http: HttpSettings::default()
                .max_size(64 * 1024)
                // A redirect would carry the token and the credentials to somewhere else.
                .max_redirects(0),
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
    /// token that was given to another service opens this one (RFC 9700 §4.10). The answer then has
    /// to say in `token_type` or `token_use` what the token is for, or [`untyped`](Self::untyped)
    /// is called.
    pub fn any_audience(mut self) -> Self {
        self.any_audience = true;
        self
    }

    /// Accepts answers without `token_type` where no audience is checked.
    ///
    /// # Security
    ///
    /// Only for a server that does not answer `active` for refresh tokens, such as
    /// django-oauth-toolkit: RFC 7662 §2.1 lets a server look among them too, and a client would
    /// open this resource with one for as long as that lasts.
    pub fn untyped(mut self) -> Self {
        self.is_untyped = true;
        self
    }

    /// Sets which members of the answer name the subject: the first of them that is there does. The
    /// default is `sub` alone, which RFC 7662 §2.2 makes optional.
    ///
    /// # Security
    ///
    /// With `["sub", "username", "client_id"]` a client without a user is the subject of its own
    /// token. Its id must not be a user's name as well (RFC 9068 §5): where clients choose their
    /// ids, tell them apart in [`map`](Self::map), by the claim `username`.
    pub fn subject_from<I: IntoIterator<Item: Into<String>>>(mut self, members: I) -> Self {
        self.subject = members.into_iter().map(Into::into).collect();
        self
    }

    /// Asks without credentials, where the endpoint can be reached by this server alone, as that of
    /// the administration of Ory Hydra. RFC 7662 §2.1 asks for credentials.
    pub fn without_credentials(mut self) -> Self {
        self.credentials = Some(ClientCredentials::None);
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
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.http = self.http.time_limit(limit);
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
    pub fn certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.http = self.http.certificate(pem);
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
    pub fn build(mut self) -> Result<Introspection, IntrospectionError> {
        // In clear on this machine alone, and then without a proxy.
        let on_loopback = self.http.clone().http_on_loopback(true);
        let endpoint = match self.http.url(&self.endpoint) {
            Ok(endpoint) => endpoint,
            Err(_) => {
                self.http = on_loopback;
                let endpoint = self.http.url(&self.endpoint);
                endpoint.map_err(IntrospectionError::Http)?
            }
        };
        if self.audiences.is_empty() && !self.any_audience {
            return Err(IntrospectionError::NoAudience);
        }
        if self.subject.is_empty() {
            return Err(IntrospectionError::NoSubject);
        }
        let credentials = self
            .credentials
            .and_then(ClientCredentials::ready)
            .ok_or(IntrospectionError::Credentials)?;
        let http = HttpClient::new(&self.http, &endpoint).map_err(IntrospectionError::Http)?;
        Ok(Introspection(Arc::new(Shared {
            client: Client {
                http,
                endpoint,
                credentials,
            },
            rules: Rules {
                audiences: self.audiences,
                issuer: self.issuer,
                is_untyped: self.is_untyped,
                subject: self.subject,
                mapping: self.mapping,
            },
            answers: Answers::new(self.cache_time, self.cache_size),
            flights: SingleFlight::new(self.http.limit()),
            time_limit: self.http.limit(),
            clock: self.clock,
            warned: WarnOnce::default(),
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
            Self::None => Some(Credentials::None),
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
