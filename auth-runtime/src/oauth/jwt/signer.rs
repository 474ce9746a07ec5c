//! The app's own tokens: issued and verified with one set of keys.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::algorithm::Algorithm;
use super::builder::MAX_LEEWAY;
use super::fault::JwtError;
use super::issuer::Issuer;
use super::key::Key;
use super::key_set::KeySet;
use super::signing::{SigningKey, random_id};
use crate::model::clock::Clock;

/// Issues tokens for the app itself, where there is no authorization server: at a sign-in, with
/// [`token`](Self::token). [`issuer`](Self::issuer) is what verifies them, with the same keys, so
/// that a [rotation](Self::rotate) reaches both.
///
/// ```
/// use auth_runtime::oauth::jwt::{Jwt, SigningKey, TokenSigner};
/// use auth_runtime::{Auth, Bearer};
///
/// let signer = TokenSigner::new(SigningKey::random("2026-02")?);
/// let auth = Auth::builder()
///     .realm("shop")
///     .scheme(Bearer::jwt(Jwt::builder().issuer(signer.issuer())))
///     .build()?;
/// // In the handler of the sign-in, when the password was right:
/// let token = signer.token("ada").role("editor").sign()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Its tokens have `sub`, `jti`, `iat` and `exp`, and neither `iss` nor `aud`, as long as no other
/// service knows the keys. With [`named`](Self::named) they are access tokens of RFC 9068, for
/// several services of one's own: the others trust `Issuer::new(name)` and the
/// [public keys](Self::jwks).
///
/// A clone is the same signer, with the same keys.
///
/// # Renewing
///
/// A token cannot be taken back before it expires, but for
/// [revocations](crate::oauth::revocation): have it expire soon (the default is 15 minutes), and
/// renew it by something that can be.
///
/// - In a browser, that is the session: a handler that asks for its cookie answers a new token.
/// - Elsewhere, a refresh token: 128 bits or more at random, kept by the app as its SHA-256 with the
///   subject, an end and a family. Each is for one use: whoever presents it gets a new pair, and
///   it is deleted. One that is presented again was stolen, so that its whole family is deleted
///   (RFC 9700 §4.14.2). A change of the password deletes all of a subject, and calls
///   [`revoke_subject`](crate::oauth::revocation::Revocations::revoke_subject) for the tokens that
///   are out: the session that made the change goes on with a new token, for `iat` has a fraction.
///
/// # Rotating
///
/// At run time, [`rotate`](Self::rotate). Between restarts, the new key signs and the last one is
/// [accepted](Self::accepting) until its tokens have expired. Several servers first all accept the
/// new key, and then sign with it.
#[derive(Clone)]
pub struct TokenSigner {
    name: Option<(String, String)>,
    lifetime: Duration,
    keys: Arc<OwnKeys>,
    clock: Clock,
}

/// The keys, shared by signing and verifying.
pub(super) struct OwnKeys(RwLock<State>);

struct State {
    current: Arc<SigningKey>,
    /// Those that signed before, and until when their tokens are valid.
    former: Vec<(Arc<Key>, Option<SystemTime>)>,
    published: Vec<Value>,
    verifying: Arc<KeySet>,
    algorithm: Algorithm,
}

impl OwnKeys {
    pub(super) fn verifying(&self) -> Arc<KeySet> {
        let state = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&state.verifying)
    }
}

impl State {
    fn update(&mut self) -> Result<(), JwtError> {
        let current = Arc::new(self.current.verifying()?);
        let former = self.former.iter().map(|(key, _)| Arc::clone(key));
        let keys = KeySet::of([current].into_iter().chain(former).collect());
        self.verifying = Arc::new(keys.replacing(&self.verifying));
        Ok(())
    }
}

impl TokenSigner {
    /// A signer with this key.
    #[must_use]
    pub fn new(key: SigningKey) -> Self {
        let algorithm = key.algorithm();
        let mut state = State {
            published: key.public().into_iter().collect(),
            current: Arc::new(key),
            former: Vec::new(),
            verifying: Arc::default(),
            algorithm,
        };
        // The key was checked when it was read.
        _ = state.update();
        Self {
            name: None,
            lifetime: Duration::from_secs(15 * 60),
            keys: Arc::new(OwnKeys(RwLock::new(state))),
            clock: Clock::default(),
        }
    }

    /// Writes `iss` and `aud` into the tokens, with `client_id` and the type `at+jwt`: access tokens
    /// of RFC 9068, for services that know several issuers.
    #[must_use]
    pub fn named(mut self, issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        self.name = Some((issuer.into(), audience.into()));
        self
    }

    /// Sets how long a token is valid. The default is 15 minutes.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Sets the clock by which tokens are issued. The default is the system's.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Clock::new(clock);
        self
    }

    /// Accepts tokens of this key too, which has the algorithm of the one that signs: of the last
    /// one, or of the next one that another server already signs with.
    ///
    /// # Errors
    ///
    /// [`JwtError::WrongKeyKind`] where it is of another algorithm.
    pub fn accepting(self, key: Key) -> Result<Self, JwtError> {
        self.change(|state| {
            if !key.algorithm().is_same_as(state.algorithm) {
                return Err(JwtError::WrongKeyKind(state.algorithm));
            }
            state.former.push((Arc::new(key), None));
            Ok(())
        })?;
        Ok(self)
    }

    /// Signs with this key from now on. Tokens of the last one are accepted until they have expired.
    ///
    /// # Errors
    ///
    /// [`JwtError::WrongKeyKind`] where it is of another algorithm than the first one,
    /// [`JwtError::Key`] where it has the id of another.
    pub fn rotate(&self, key: SigningKey) -> Result<(), JwtError> {
        let now = self.clock.now();
        let until = now.checked_add(self.lifetime + MAX_LEEWAY);
        self.change(|state| {
            if !key.algorithm().is_same_as(state.algorithm) {
                return Err(JwtError::WrongKeyKind(state.algorithm));
            }
            if state
                .verifying
                .iter()
                .any(|other| other.id() == Some(key.id()))
            {
                return Err(JwtError::Key("another key has its id"));
            }
            state
                .former
                .retain(|(_, until)| until.is_none_or(|until| now < until));
            state
                .former
                .push((Arc::new(state.current.verifying()?), until));
            state.current = Arc::new(key);
            let known: Vec<_> = state
                .former
                .iter()
                .filter_map(|(key, _)| key.id())
                .collect();
            state.published.retain(|jwk| {
                jwk.get("kid")
                    .and_then(Value::as_str)
                    .is_some_and(|id| known.contains(&id))
            });
            let public = state.current.public();
            state.published.extend(public);
            Ok(())
        })
    }

    /// The issuer that verifies these tokens, for [`JwtBuilder::issuer`](super::JwtBuilder::issuer).
    #[must_use = "an issuer takes effect when it is added to a `Jwt::builder()`"]
    pub fn issuer(&self) -> Issuer {
        let algorithm = self.read().algorithm;
        let issuer = match &self.name {
            Some((name, audience)) => Issuer::new(name).audience(audience),
            None => Issuer::without_name(),
        };
        issuer
            .algorithms([algorithm])
            .own_keys(Arc::clone(&self.keys))
    }

    /// The public keys as a JWK Set (RFC 7517 §5), to publish for other services; without keys where
    /// they are secrets.
    #[must_use]
    pub fn jwks(&self) -> String {
        json!({ "keys": self.read().published }).to_string()
    }

    /// Begins a token for this subject. As it is, it grants nothing.
    #[must_use = "a token is made by `.sign()`"]
    pub fn token(&self, subject: impl Into<String>) -> OwnToken {
        let mut claims = Map::new();
        claims.insert("sub".into(), subject.into().into());
        if let Some((issuer, audience)) = &self.name {
            claims.insert("iss".into(), issuer.as_str().into());
            claims.insert("aud".into(), audience.as_str().into());
            claims.insert("client_id".into(), issuer.as_str().into());
        }
        OwnToken {
            signer: self.clone(),
            claims,
            lifetime: self.lifetime,
        }
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.keys.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(
        &self,
        change: impl FnOnce(&mut State) -> Result<(), JwtError>,
    ) -> Result<(), JwtError> {
        let mut state = self.keys.0.write().unwrap_or_else(PoisonError::into_inner);
        change(&mut state)?;
        state.update()
    }
}

/// A token that a [`TokenSigner`] is about to sign.
///
/// Roles, scopes and permissions are in the claims `roles`, `scope` and `entitlements`, where
/// [`ClaimMapping::default`](super::ClaimMapping) looks for them.
#[derive(Clone)]
#[must_use = "a token is made by `.sign()`"]
pub struct OwnToken {
    signer: TokenSigner,
    claims: Map<String, Value>,
    lifetime: Duration,
}

impl OwnToken {
    /// Adds a role.
    pub fn role(self, name: impl Into<String>) -> Self {
        self.push("roles", name.into())
    }

    /// Adds a permission.
    pub fn permission(self, name: impl Into<String>) -> Self {
        self.push("entitlements", name.into())
    }

    /// Adds a scope.
    pub fn scope(mut self, name: impl AsRef<str>) -> Self {
        let scopes = match self.claims.get("scope").and_then(Value::as_str) {
            Some(others) => format!("{others} {}", name.as_ref()),
            None => name.as_ref().to_owned(),
        };
        self.claims.insert("scope".into(), scopes.into());
        self
    }

    /// The subject authenticated then (`auth_time`), for `max_age(..)`.
    pub fn authenticated_at(self, at: SystemTime) -> Self {
        let seconds = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        self.claim("auth_time", seconds)
    }

    /// The subject authenticated in this way, for `acr(..)`.
    pub fn acr(self, value: impl Into<String>) -> Self {
        self.claim("acr", value.into())
    }

    /// Is valid for this long, instead of what the signer says.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Sets a claim of the app's own. Those of the signer, and `iat`, `exp` and `jti`, stay what they
    /// are.
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        let name = name.into();
        if !["iss", "aud", "sub", "client_id", "cnf"].contains(&&*name) {
            self.claims.insert(name, value.into());
        }
        self
    }

    /// The token, in its compact form (RFC 7515 §7.1). It is a secret: whoever has it is the subject.
    ///
    /// # Errors
    ///
    /// [`JwtError::Key`] where the system has no random numbers.
    pub fn sign(mut self) -> Result<String, JwtError> {
        let now = self.signer.clock.now();
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        // RFC 7519 §2 allows a fraction. With it, what is issued after a revocation is told from
        // what was issued before it, in the same second.
        self.claims.insert("iat".into(), since.as_secs_f64().into());
        let end = since.saturating_add(self.lifetime).as_secs();
        self.claims.insert("exp".into(), end.into());
        self.claims.insert("jti".into(), random_id()?.into());
        let key = Arc::clone(&self.signer.read().current);
        let typ = if self.signer.name.is_some() {
            "at+jwt"
        } else {
            "JWT"
        };
        let header = json!({"alg": key.algorithm().name(), "typ": typ, "kid": key.id()});
        let part = |text: String| URL_SAFE_NO_PAD.encode(text);
        let message = format!(
            "{}.{}",
            part(header.to_string()),
            part(Value::Object(self.claims).to_string())
        );
        let signature = key.sign(&message)?;
        Ok(format!("{message}.{signature}"))
    }

    fn push(mut self, claim: &str, name: String) -> Self {
        let list = self.claims.entry(claim).or_insert_with(|| json!([]));
        match list {
            Value::Array(list) => list.push(name.into()),
            // The app has put something else there.
            other => *other = json!([name]),
        }
        self
    }
}

impl fmt::Debug for OwnKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OwnKeys").field(&self.verifying()).finish()
    }
}

impl fmt::Debug for TokenSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSigner")
            .field("name", &self.name)
            .field("keys", &self.keys)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

/// Without the claims: they are of a person.
impl fmt::Debug for OwnToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnToken").finish_non_exhaustive()
    }
}
