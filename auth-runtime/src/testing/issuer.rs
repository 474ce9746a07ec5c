//! An authorization server of a test's own, which signs tokens with a key of its own.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::oauth::jwt::{Issuer, Key, SigningKey, random_id};

/// The audience of tokens, unless the test says otherwise.
const AUDIENCE: &str = "https://api.test";

/// How long a token is valid, unless the test says otherwise.
const LIFETIME: Duration = Duration::from_secs(3600);

/// An authorization server for tests: it makes a key of its own, tells the app of it, and signs
/// tokens for any subject. Features `testing` and `jwt`.
///
/// ```
/// use actix_web::test::{TestRequest, call_service, init_service};
/// use actix_web::{App, get};
/// use auth_runtime::prelude::*;
/// use auth_runtime::oauth::jwt::Jwt;
/// use auth_runtime::testing::{TestIssuer, TestRequestExt as _};
/// use auth_runtime::{assert_denied, assert_granted};
///
/// #[get("/admin")]
/// #[requires_role("admin")]
/// async fn admin() -> &'static str { "hello" }
///
/// # fn main() { actix_web::rt::System::new().block_on(async {
/// let issuer = TestIssuer::new("https://id.test");
/// let bearer = Bearer::jwt(Jwt::builder().issuer(issuer.trusted()));
/// let auth = Auth::builder().realm("articles").scheme(bearer).build().unwrap();
/// let app = init_service(App::new().app_data(auth).service(admin)).await;
///
/// let ada = issuer.token("ada").role("admin").sign();
/// let request = TestRequest::with_uri("/admin").bearer(&ada).to_request();
/// assert_granted!(call_service(&app, request).await);
///
/// let late = issuer.token("ada").role("admin").expired().sign();
/// let request = TestRequest::with_uri("/admin").bearer(&late).to_request();
/// assert_denied!(call_service(&app, request).await, ExpiredCredentials);
/// # }) }
/// ```
///
/// Unlike a [principal](super::TestRequestExt::principal) of a test request, a token goes all the
/// way: through the signature, the audience, the claims and the app's own mapping of them.
///
/// # Security
///
/// The key is new in every process and never leaves it. An app trusts the issuer where a test gives
/// it [`trusted`](Self::trusted), and nowhere else: no setting brings it in.
#[derive(Clone)]
pub struct TestIssuer {
    name: String,
    audience: String,
    key: Arc<SigningKey>,
    clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    /// How many tokens there were.
    issued: Arc<AtomicU64>,
}

impl TestIssuer {
    /// An issuer of this name, which stands in its tokens' `iss`.
    ///
    /// # Panics
    ///
    /// Where no key can be made.
    #[must_use]
    #[track_caller]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            audience: AUDIENCE.to_owned(),
            key: Arc::new(made(SigningKey::random(made(random_id())))),
            clock: Arc::new(SystemTime::now),
            issued: Arc::new(AtomicU64::new(1)),
        }
    }

    /// The audience of its tokens. The default is `https://api.test`.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = audience.into();
        self
    }

    /// The clock by which its tokens are issued and expire: that of the app, where a test gives it
    /// one ([`AuthBuilder::clock`](crate::AuthBuilder::clock)). The default is the system's.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The issuer as an app trusts it, with its key and its audience, for
    /// [`JwtBuilder::issuer`](crate::oauth::jwt::JwtBuilder::issuer).
    ///
    /// An app whose tokens are of another shape has an [`Issuer`] of its own, with
    /// [`key`](Self::key): `Issuer::keycloak("https://id.test", "shop").key(issuer.key())`.
    #[track_caller]
    pub fn trusted(&self) -> Issuer {
        Issuer::new(&self.name)
            .audience(&self.audience)
            .key(self.key())
    }

    /// The public key: Ed25519 (RFC 8037), under an id of its own.
    ///
    /// # Panics
    ///
    /// Never, in all likelihood: the key was made here.
    #[must_use]
    #[track_caller]
    pub fn key(&self) -> Key {
        made(self.key.verifying())
    }

    /// The public key as a JWK Set (RFC 7517 §5), as a server would publish it: for a file, or for
    /// a server of the test's own.
    #[must_use]
    pub fn jwks(&self) -> String {
        json!({ "keys": [self.key.public()] }).to_string()
    }

    /// Begins a token for this subject. As it is, it is valid, and grants nothing.
    #[must_use = "a token is made by `.sign()`"]
    pub fn token(&self, subject: impl Into<String>) -> TestToken {
        let now = seconds((self.clock)());
        let number = self.issued.fetch_add(1, Ordering::Relaxed);
        // RFC 9068 §2.2: what an access token has.
        let claims = json!({
            "iss": self.name,
            "aud": self.audience,
            "sub": subject.into(),
            "client_id": "test",
            "jti": format!("test-{number}"),
            "iat": now,
            "exp": now.saturating_add(LIFETIME.as_secs()),
        });
        let header = json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": self.key.id() });
        let object = |value| match value {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        TestToken {
            header: object(header),
            claims: object(claims),
            now,
            key: Arc::clone(&self.key),
        }
    }
}

impl fmt::Debug for TestIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestIssuer")
            .field("name", &self.name)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

/// A token that a [`TestIssuer`] is about to sign: an access token of RFC 9068, with changes.
///
/// Roles, scopes and permissions stand in the claims `roles`, `scope` and `entitlements`, where
/// [`ClaimMapping::default`](crate::oauth::jwt::ClaimMapping) looks for them; an app with a mapping
/// of its own is told by [`claim`](Self::claim).
#[derive(Clone)]
#[must_use = "a token is made by `.sign()`"]
pub struct TestToken {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    /// In seconds since 1970.
    now: u64,
    key: Arc<SigningKey>,
}

impl TestToken {
    /// Adds a role.
    pub fn role(self, name: impl Into<String>) -> Self {
        self.push("roles", name.into())
    }

    /// Adds a scope.
    pub fn scope(mut self, name: impl AsRef<str>) -> Self {
        let scopes = match self.claims.get("scope").and_then(Value::as_str) {
            Some(others) => format!("{others} {}", name.as_ref()),
            None => name.as_ref().to_owned(),
        };
        self.claims.insert("scope".to_owned(), scopes.into());
        self
    }

    /// Adds a permission.
    pub fn permission(self, name: impl Into<String>) -> Self {
        self.push("entitlements", name.into())
    }

    /// Is for another audience.
    pub fn audience(self, audience: impl Into<String>) -> Self {
        self.claim("aud", audience.into())
    }

    /// Sets a claim, whatever it was.
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.claims.insert(name.into(), value.into());
        self
    }

    /// Leaves a claim out.
    pub fn without(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Sets a member of the header, whatever it was. The signature is one of Ed25519 all the same.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.header.insert(name.into(), value.into());
        self
    }

    /// Was issued two hours ago and expired an hour ago: beyond any leeway.
    pub fn expired(self) -> Self {
        let hour = LIFETIME.as_secs();
        let now = self.now;
        self.claim("iat", now.saturating_sub(2 * hour))
            .claim("exp", now.saturating_sub(hour))
    }

    /// Is valid in an hour from now.
    pub fn not_yet_valid(self) -> Self {
        let hour = LIFETIME.as_secs();
        let now = self.now;
        self.claim("nbf", now.saturating_add(hour))
            .claim("exp", now.saturating_add(2 * hour))
    }

    /// Expires then. The default is an hour from now.
    pub fn expires_at(self, at: SystemTime) -> Self {
        self.claim("exp", seconds(at))
    }

    /// The subject authenticated then (`auth_time`), for `max_age(..)`.
    pub fn authenticated_at(self, at: SystemTime) -> Self {
        self.claim("auth_time", seconds(at))
    }

    /// The subject authenticated in this way, for `acr(..)`.
    pub fn acr(self, value: impl Into<String>) -> Self {
        self.claim("acr", value.into())
    }

    /// Is signed by another key, under the id of the issuer's.
    ///
    /// # Panics
    ///
    /// Where no key can be made.
    #[track_caller]
    pub fn forged(mut self) -> Self {
        self.key = Arc::new(made(SigningKey::random(self.key.id())));
        self
    }

    /// The token, in its compact form (RFC 7515 §7.1).
    ///
    /// # Panics
    ///
    /// Where it cannot be signed.
    #[must_use]
    #[track_caller]
    pub fn sign(self) -> String {
        let part = |members: Map<String, Value>| {
            URL_SAFE_NO_PAD.encode(Value::Object(members).to_string())
        };
        let message = format!("{}.{}", part(self.header), part(self.claims));
        let signature = made(self.key.sign(&message));
        format!("{message}.{signature}")
    }

    fn push(mut self, claim: &str, name: String) -> Self {
        let list = self
            .claims
            .entry(claim)
            .or_insert_with(|| Value::Array(Vec::new()));
        match list {
            Value::Array(list) => list.push(name.into()),
            // The test has put something else there.
            other => *other = json!([name]),
        }
        self
    }
}

/// Without the claims: in a test, too, they can be of a person.
impl fmt::Debug for TestToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestToken").finish_non_exhaustive()
    }
}

/// What a test cannot go on without.
#[allow(clippy::panic, reason = "for tests")]
#[track_caller]
fn made<T, E: fmt::Display>(outcome: Result<T, E>) -> T {
    match outcome {
        Ok(made) => made,
        Err(error) => panic!("the test issuer has no key or token: {error}"),
    }
}

/// Since 1970; a time before it is its beginning.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}
