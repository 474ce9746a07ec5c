//! Whose tokens are trusted, and how.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::algorithm::{Algorithm, Family};
use super::claims::{Profile, Rules};
use super::fault::JwtError;
use super::file::KeyFile;
use super::key::Key;
use super::key_set::KeySet;
use super::mapping::ClaimMapping;
use super::refreshing::{KeySource, Refresh, Refreshing};
#[cfg(feature = "jwks")]
use super::remote::{Address, Remote};
use super::signer::OwnKeys;
#[cfg(feature = "jwks")]
use crate::oauth::http::HttpSettings;
use crate::oauth::warn_once::WarnOnce;

/// An authorization server whose tokens are accepted: its name, its keys, and how to read what it
/// says.
///
/// ```
/// use auth_runtime::oauth::jwt::{Algorithm, Issuer, Key};
///
/// let key = Key::hmac(Algorithm::Hs256, [7; 32])?;
/// let issuer = Issuer::new("https://id.example").key(key).algorithms([Algorithm::Hs256]);
/// # Ok::<(), auth_runtime::oauth::jwt::JwtError>(())
/// ```
///
/// By default tokens are of the kind `at+jwt` (RFC 9068 §2.1), signed with `RS256`, `ES256`, `EdDSA` or
/// `Ed25519`.
/// The presets know the shapes of common servers.
#[derive(Debug)]
#[must_use = "an issuer takes effect when it is added to a `Jwt::builder()`"]
pub struct Issuer {
    /// `None` for the app itself.
    name: Option<String>,
    audiences: Vec<String>,
    any_audience: bool,
    algorithms: Vec<Algorithm>,
    rules: Profile,
    required: Vec<String>,
    required_values: Vec<(String, Vec<String>)>,
    mapping: ClaimMapping,
    prefix: Option<String>,
    ignore_key_headers: bool,
    keys: Vec<Arc<Key>>,
    own_keys: Option<Arc<OwnKeys>>,
    file: Option<PathBuf>,
    #[cfg(feature = "jwks")]
    address: Option<Address>,
    #[cfg(feature = "jwks")]
    http: HttpSettings,
    refresh: Refresh,
}

impl Issuer {
    /// An issuer of this name, exactly as it stands in the tokens' `iss`: a trailing slash counts
    /// (RFC 9068 §4).
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            audiences: Vec::new(),
            any_audience: false,
            algorithms: vec![
                Algorithm::Rs256,
                Algorithm::Es256,
                Algorithm::EdDsa,
                Algorithm::Ed25519,
            ],
            rules: Profile::AccessToken,
            required: Vec::new(),
            required_values: Vec::new(),
            mapping: ClaimMapping::default(),
            prefix: None,
            ignore_key_headers: false,
            keys: Vec::new(),
            own_keys: None,
            file: None,
            #[cfg(feature = "jwks")]
            address: None,
            #[cfg(feature = "jwks")]
            http: HttpSettings::default(),
            refresh: Refresh::default(),
        }
    }

    /// The app itself, as the issuer of tokens that no other service makes or takes: with neither
    /// `iss` nor `aud`. [`TokenSigner::issuer`](super::TokenSigner::issuer) makes one; this is for
    /// tokens that the app signs in another way, with the key given by [`key`](Self::key). They are
    /// [untyped](Self::untyped), and have `sub` and `exp` at least. One that has an `iss` is refused.
    ///
    /// # Security
    ///
    /// Only for keys that sign nothing else: a token of theirs for another service would be accepted
    /// here.
    pub fn without_name() -> Self {
        Self {
            name: None,
            ..Self::new("").untyped()
        }
    }

    /// Takes the keys of a signer, which may change.
    pub(super) fn own_keys(mut self, keys: Arc<OwnKeys>) -> Self {
        self.own_keys = Some(keys);
        self
    }

    /// Accepts tokens for this audience, instead of those of the builder. Several may be given.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Accepts tokens whatever their `aud`, also without one, for issuers that write none. What says
    /// that a token is for this service is then a value that is [required](Self::require_one_of),
    /// such as `client_id`: without one it is an error when the configuration is built.
    ///
    /// # Security
    ///
    /// A token that the issuer gave to another service is accepted here, where that value does not
    /// tell them apart (RFC 8725 §3.9).
    pub fn any_audience(mut self) -> Self {
        self.any_audience = true;
        self
    }

    /// Sets the algorithms of this issuer's signatures. The default is `RS256`, `ES256`, `EdDSA` and
    /// `Ed25519`.
    ///
    /// A published RSA key that does not name its algorithm (`alg`) serves the first of them that is
    /// for RSA, and no other: a token does not choose (RFC 8725 §3.1). Where several are allowed,
    /// the log says so.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// Accepts tokens without the type `at+jwt`, for issuers that do not set it: `typ` may be
    /// missing or `JWT`.
    ///
    /// # Security
    ///
    /// What keeps other tokens of the issuer out is then the audience, so mind that no client id
    /// is one, and what tells an ID token (OpenID Connect Core 1.0 §2), a logout token or a
    /// refresh token apart: those are refused by their claims (RFC 8725 §3.12). Only `iss`, `aud`,
    /// `exp` and `sub` are required.
    pub fn untyped(mut self) -> Self {
        self.rules = Profile::Untyped;
        self
    }

    /// Requires the type `at+jwt` (RFC 9068 §4): takes [`untyped`](Self::untyped) back, as for an
    /// Auth0 API with the RFC 9068 profile.
    pub fn typed(mut self) -> Self {
        self.rules = Profile::AccessToken;
        self
    }

    /// Refuses tokens without this claim. `iss`, `sub`, `aud` and `exp` are always required, and
    /// `client_id`, `iat` and `jti` by the type `at+jwt` (RFC 9068 §2.2).
    pub fn require(mut self, claim: impl Into<String>) -> Self {
        self.required.push(claim.into());
        self
    }

    /// Refuses tokens in which this claim is not this very text: `.require_value("tid", "…")`.
    pub fn require_value(self, claim: impl Into<String>, value: impl Into<String>) -> Self {
        self.require_one_of(claim, [value])
    }

    /// Refuses tokens in which this claim is not one of these very texts:
    /// `.require_one_of("client_id", ["web", "app"])`.
    pub fn require_one_of<I: IntoIterator<Item: Into<String>>>(
        mut self,
        claim: impl Into<String>,
        values: I,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        self.required_values.push((claim.into(), values));
        self
    }

    /// Sets which claims give scopes, roles and permissions.
    pub fn mapping(mut self, mapping: ClaimMapping) -> Self {
        self.mapping = mapping;
        self
    }

    /// Puts this before each `sub` of this issuer to make the principal's subject. Needed where
    /// there are several issuers, for each may have an `ada` of its own.
    pub fn subject_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// Accepts tokens whose header has `jku`, `jwk`, `x5u` or `x5c`, and ignores it. By default
    /// such tokens are refused. Keys never come from a header (RFC 8725 §3.10).
    pub fn ignore_key_headers(mut self, on: bool) -> Self {
        self.ignore_key_headers = on;
        self
    }

    /// Adds a key.
    pub fn key(mut self, key: Key) -> Self {
        self.keys.push(Arc::new(key));
        self
    }

    /// Takes the keys from a JWK Set (RFC 7517 §5) in a file. The file is read when the
    /// configuration is built, and again as [`refresh`](Self::refresh) says.
    pub fn jwks_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// Takes the keys from a JWK Set at an `https` URL. They are fetched when the first token
    /// comes.
    #[cfg(feature = "jwks")]
    pub fn jwks_url(mut self, url: impl Into<String>) -> Self {
        self.address = Some(Address::Keys(url.into()));
        self
    }

    /// Finds the keys by the issuer's metadata: OpenID Connect Discovery 1.0 §4, or RFC 8414 §3
    /// where the former is not found.
    #[cfg(feature = "jwks")]
    pub fn discover(mut self) -> Self {
        let issuer = self.name.clone().unwrap_or_default();
        self.address = Some(Address::Discovery { issuer });
        self
    }

    /// Sets the limits of the requests for keys, and which certificates they trust.
    #[cfg(feature = "jwks")]
    pub fn http(mut self, settings: HttpSettings) -> Self {
        self.http = settings;
        self
    }

    /// Sets how long keys from a file or URL are kept, and how often they are fetched.
    pub fn refresh(mut self, refresh: Refresh) -> Self {
        self.refresh = refresh;
        self
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The name, as errors show it.
    fn shown(&self) -> String {
        self.name.clone().unwrap_or_else(|| "(without name)".into())
    }

    pub(super) fn prefix(&self) -> Option<&str> {
        self.prefix.as_deref()
    }

    /// Checks the settings. `audiences` are those of the builder.
    pub(super) fn build(self, audiences: &[String], leeway: Duration) -> Result<Trusted, JwtError> {
        if self.name.as_deref() == Some("") {
            return Err(JwtError::IssuerName(self.shown()));
        }
        let audiences = if self.audiences.is_empty() {
            audiences.to_vec()
        } else {
            self.audiences.clone()
        };
        let is_own = self.name.is_none();
        let is_for_us = if is_own {
            true
        } else if self.any_audience {
            let mut required = self.required_values.iter();
            required.any(|(name, _)| tells_services_apart(name))
        } else {
            !audiences.is_empty()
        };
        if !is_for_us || audiences.iter().any(String::is_empty) {
            return Err(JwtError::NoAudience(self.shown()));
        }
        if self.algorithms.is_empty() {
            return Err(JwtError::Algorithms(
                self.shown(),
                "no algorithm is allowed",
            ));
        }
        self.refresh.check()?;
        let keys = self.source()?;
        Ok(Trusted {
            keys,
            algorithms: self.algorithms,
            ignore_key_headers: self.ignore_key_headers,
            mapping: self.mapping,
            prefix: self.prefix.unwrap_or_default(),
            warned: WarnOnce::default(),
            rules: Rules {
                issuer: self.name,
                audiences: (!self.any_audience && !is_own).then_some(audiences),
                profile: self.rules,
                required: self.required,
                required_values: self.required_values,
                leeway,
            },
        })
    }

    fn source(&self) -> Result<Source, JwtError> {
        let wrong = |problem| Err(JwtError::Keys(self.shown(), problem));
        let mut fetch = None;
        let mut count = usize::from(!self.keys.is_empty()) + usize::from(self.own_keys.is_some());
        if let Some(path) = &self.file {
            count += 1;
            fetch = Some(self.file_source(path)?);
        }
        #[cfg(feature = "jwks")]
        if let Some(address) = &self.address {
            count += 1;
            fetch = Some(KeySource::Remote(Box::new(Remote::new(
                address, &self.http,
            )?)));
        }
        match count {
            0 => {
                return wrong(
                    "it has no keys: call `.key(..)`, `.jwks_file(..)`, `.jwks_url(..)` or `.discover()`",
                );
            }
            1 => {}
            _ => return wrong("its keys come from two places"),
        }
        if let Some(keys) = &self.own_keys {
            return Ok(Source::Own(Arc::clone(keys)));
        }
        if fetch.is_some() && self.name.is_none() {
            return wrong("keys that another server publishes sign its tokens, which have a name");
        }
        let Some(fetch) = fetch else {
            let allows = |key: &Arc<Key>| {
                let fits = |algorithm: &Algorithm| algorithm.is_same_as(key.algorithm());
                self.algorithms.iter().any(fits)
            };
            if !self.keys.iter().all(allows) {
                return wrong(
                    "a key is for an algorithm that is not allowed: name it in `.algorithms([..])`",
                );
            }
            return Ok(Source::Fixed(Arc::new(KeySet::of(self.keys.clone()))));
        };
        if self
            .algorithms
            .iter()
            .any(|algorithm| algorithm.family() == Family::Hmac)
        {
            // A public key would be taken for a secret.
            return Err(JwtError::Algorithms(
                self.shown(),
                "keys that are fetched are public, and HMAC needs a secret",
            ));
        }
        let refreshing = Refreshing::new(fetch, self.algorithms.clone(), self.refresh);
        Ok(Source::Refreshing(Arc::new(refreshing)))
    }

    /// Reads the file once, so that a wrong one is told of at the start.
    fn file_source(&self, path: &std::path::Path) -> Result<KeySource, JwtError> {
        let wrong = |problem: String| JwtError::File(path.display().to_string(), problem);
        let file = KeyFile::new(path.to_owned());
        let document = file.read().map_err(|error| wrong(error.to_string()))?;
        let (keys, _) =
            KeySet::read(&document, &self.algorithms).map_err(|problem| wrong(problem.into()))?;
        if keys.len() == 0 {
            return Err(wrong("no key of it can be used".into()));
        }
        Ok(KeySource::File(file))
    }
}

/// Whether a value of this claim can tell the tokens for one service from those for others. Those of
/// one issuer are alike in these.
fn tells_services_apart(claim: &str) -> bool {
    !matches!(claim, "iss" | "typ" | "token_use" | "ver" | "tid")
}

/// An issuer with settings that have been checked.
#[derive(Debug)]
pub(super) struct Trusted {
    pub(super) rules: Rules,
    pub(super) keys: Source,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) ignore_key_headers: bool,
    pub(super) mapping: ClaimMapping,
    pub(super) prefix: String,
    /// What is refused for a setting is a warning the first time.
    pub(super) warned: WarnOnce,
}

/// Where the keys are.
#[derive(Debug)]
pub(super) enum Source {
    Fixed(Arc<KeySet>),
    /// Those of a signer in this process.
    Own(Arc<OwnKeys>),
    Refreshing(Arc<Refreshing>),
}
