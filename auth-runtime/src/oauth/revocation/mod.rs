//! Token revocation: tokens by themselves, or all of a subject, before they expire.

mod key;
mod memory;
mod recent;
#[cfg(feature = "redis")]
mod redis;
mod revocable;
#[cfg(feature = "session")]
mod session_index;
#[cfg(feature = "session")]
mod session_list;
#[cfg(feature = "session")]
mod sessions;
mod store;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub use self::key::RevocationKey;
pub use self::memory::MemoryRevocations;
#[cfg(feature = "redis")]
pub use self::redis::RedisRevocations;
pub use self::revocable::Revocable;
#[cfg(feature = "session")]
pub use self::session_index::SessionIndex;
pub use self::store::{RevocationError, RevocationStore};

use self::recent::Recent;
use crate::model::clock::{Clock, ClockSlot};
use crate::model::principal::Principal;
use crate::model::secret::Secret;

/// For how long a token may be taken that has expired: the longest leeway of a verifier, which is
/// also more than the clocks of two servers should differ by.
const GRACE: Duration = Duration::from_secs(300);

/// The revocations of an app: which tokens were revoked, and where that is stored.
///
/// [`protect`](Self::protect) puts them around a verifier. Revoke from anywhere, such as a handler
/// that signs the caller out; a clone is a reference.
///
/// ```
/// use auth_runtime::oauth::revocation::Revocations;
/// use auth_runtime::VerifyError;
/// use auth_runtime::scheme::VerifyToken;
/// use auth_runtime::{Auth, Bearer, Principal, Secret};
///
/// struct Sessions;
/// # impl VerifyToken for Sessions {
/// #     async fn verify(&self, _: Secret<'static>) -> Result<Option<Principal>, VerifyError> { Ok(None) }
/// # }
///
/// let revocations = Revocations::in_memory();
/// let auth = Auth::builder()
///     .realm("files")
///     .scheme(Bearer::verifier(revocations.protect(Sessions)))
///     .build()?;
/// # Ok::<(), auth_runtime::ConfigurationError>(())
/// ```
///
/// Several servers share their revocations through a store that they all reach, such as
/// `RedisRevocations` (feature `redis`), or one of your own ([`RevocationStore`]).
///
/// # Security
///
/// A store that cannot be reached is answered with 503: a token that may have been revoked is not
/// taken ([`on_store_failure`](Self::on_store_failure)). What one server revoked, the others refuse within
/// [`interval`](Self::interval).
pub struct Revocations<S = MemoryRevocations>(Arc<Shared<S>>);

struct Shared<S> {
    store: S,
    interval: Duration,
    on_failure: StoreFailure,
    clock_skew: Duration,
    recent: Recent,
    clock: ClockSlot,
}

/// What happens to tokens while the store of revocations cannot be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StoreFailure {
    /// They are refused with 503: it cannot be told whether they were revoked.
    #[default]
    Refuse,
    /// They are accepted as if nothing had been revoked, with a warning in the log.
    Accept,
}

impl Revocations<MemoryRevocations> {
    /// Revocations of this process alone, forgotten when it ends. A revocation counts at once.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::new(MemoryRevocations::default()).interval(Duration::ZERO)
    }
}

impl<S: RevocationStore> Revocations<S> {
    /// Revocations remembered by `store`.
    #[must_use]
    pub fn new(store: S) -> Self {
        let interval = Duration::from_secs(1);
        Self::from_shared(Shared {
            store,
            interval,
            on_failure: StoreFailure::Refuse,
            clock_skew: Duration::ZERO,
            recent: Recent::new(interval),
            clock: ClockSlot::default(),
        })
    }

    /// Sets how long "not revoked" may be believed without asking the store again: within this
    /// time a revocation by another server is seen. One's own counts at once. The default is 1
    /// second; zero asks for every request.
    ///
    /// Settings are for before the first clone is made: they begin with an empty memory.
    #[must_use]
    pub fn interval(self, interval: Duration) -> Self
    where
        S: Clone,
    {
        self.with(|shared| shared.interval = interval)
    }

    /// Sets what happens while the store cannot be reached. The default is [`StoreFailure::Refuse`].
    #[must_use]
    pub fn on_store_failure(self, failure: StoreFailure) -> Self
    where
        S: Clone,
    {
        self.with(|shared| shared.on_failure = failure)
    }

    /// Sets by how much an issuer's clock may be ahead of this server's. A revocation of a subject
    /// takes tokens back that say that they were issued up to so much later, for they may be older
    /// than they say.
    ///
    /// The default is zero: a token that was issued a second after the revocation, by a clock that
    /// agrees, is good. With more, who signs in anew has to wait for as long; with less
    /// than the clocks differ by, tokens from before the revocation are taken.
    #[must_use]
    pub fn clock_skew(self, skew: Duration) -> Self
    where
        S: Clone,
    {
        self.with(|shared| shared.clock_skew = skew)
    }

    /// Sets the clock. The default is that of the [configuration](crate::AuthBuilder::clock) that
    /// uses a [protected](Self::protect) verifier.
    #[must_use]
    pub fn clock(self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self
    where
        S: Clone,
    {
        self.with(|shared| shared.clock = ClockSlot::set(Clock::new(clock)))
    }

    /// A verifier that accepts what `verifier` accepts and was not revoked.
    pub fn protect<V>(&self, verifier: V) -> Revocable<V, S> {
        Revocable::new(verifier, self.clone())
    }

    /// Revokes this very token, which expires at `until`. As all revocations it is remembered five
    /// minutes longer, for a verifier may accept a token for that long after its `exp`.
    ///
    /// # Errors
    ///
    /// [`RevocationError`] where the store cannot be reached: then nothing was revoked.
    pub async fn revoke_token(
        &self,
        token: &Secret<'_>,
        until: SystemTime,
    ) -> Result<(), RevocationError> {
        self.revoke(RevocationKey::token(token), until).await
    }

    /// Revokes the token that `issuer` gave the identifier `jti` (RFC 7519 §4.1.7), and that
    /// expires at `until`. The issuer is the token's `iss`, or empty where it has none.
    ///
    /// # Errors
    ///
    /// [`RevocationError`] where the store cannot be reached: then nothing was revoked.
    pub async fn revoke_id(
        &self,
        issuer: &str,
        jti: &str,
        until: SystemTime,
    ) -> Result<(), RevocationError> {
        self.revoke(RevocationKey::id(issuer, jti), until).await
    }

    /// Revokes all tokens of the subject of this issuer that were issued up to now. The subject is
    /// that of the principal, or the tokens' `sub`; the issuer is the tokens' `iss`, or empty where
    /// they have none. It is remembered until `until`: when the last of them has expired.
    ///
    /// A token that is issued later is accepted: after a change of the password, the session that
    /// changed it goes on with a new token. Its `iat` needs a fraction (RFC 7519 §2 allows one) to be
    /// accepted at once: a whole second may have begun before the revocation, so that a token of
    /// the same second is refused. A token without `iat` counts as issued before.
    ///
    /// # Errors
    ///
    /// [`RevocationError`] where the store cannot be reached: then nothing was revoked.
    pub async fn revoke_subject(
        &self,
        issuer: &str,
        subject: &str,
        until: SystemTime,
    ) -> Result<(), RevocationError> {
        self.revoke(RevocationKey::subject(issuer, subject), until)
            .await
    }

    /// As [`revoke_subject`](Self::revoke_subject), for tokens that were issued up to `at`, such as
    /// the time of an incident. A time to come counts as now.
    ///
    /// # Errors
    ///
    /// [`RevocationError`] where the store cannot be reached: then nothing was revoked.
    pub async fn revoke_subject_up_to(
        &self,
        issuer: &str,
        subject: &str,
        at: SystemTime,
        until: SystemTime,
    ) -> Result<(), RevocationError> {
        let at = at.min(self.0.clock.now());
        let key = RevocationKey::subject(issuer, subject);
        self.revoke_at(key, at, until).await
    }

    /// Whether the token, which stands for `principal`, was revoked.
    ///
    /// # Errors
    ///
    /// [`RevocationError`] where the store cannot be reached and tokens are refused then.
    pub async fn is_revoked(
        &self,
        token: &Secret<'_>,
        principal: &Principal,
    ) -> Result<bool, RevocationError> {
        let shared = &*self.0;
        let now = shared.clock.now();
        let own = RevocationKey::token(token);
        if shared.recent.has(own.digest(), now) {
            return Ok(false);
        }
        let issuer = text_claim(principal, "iss").unwrap_or_default();
        let subject = RevocationKey::subject(issuer, principal.subject());
        // The verifier may have made the subject of `sub` in a way of its own, with a prefix.
        let claimed = text_claim(principal, "sub").map(|sub| RevocationKey::subject(issuer, sub));
        let id = text_claim(principal, "jti").map(|jti| RevocationKey::id(issuer, jti));
        let subjects: Vec<RevocationKey> = [subject].into_iter().chain(claimed).collect();
        let keys: Vec<RevocationKey> = [own]
            .into_iter()
            .chain(id)
            .chain(subjects.clone())
            .collect();
        let generation = shared.recent.generation();
        let found = match shared.store.find(&keys, now).await {
            Ok(found) if found.len() == keys.len() => found,
            outcome => {
                let error = outcome.err().unwrap_or_else(|| {
                    RevocationError::Unavailable("the store did not answer for every key".into())
                });
                return match shared.on_failure {
                    StoreFailure::Refuse => Err(error),
                    StoreFailure::Accept => {
                        tracing::warn!(target: "auth_runtime", %error, "the list of revocations is unavailable: the token is accepted as configured");
                        Ok(false)
                    }
                };
            }
        };
        let is_revoked = keys.iter().zip(found).any(|(key, revoked_at)| {
            revoked_at.is_some_and(|at| {
                !subjects.contains(key) || {
                    let latest = at.checked_add(shared.clock_skew);
                    latest.is_none_or(|latest| is_issued_by(principal, latest))
                }
            })
        });
        if !is_revoked {
            shared.recent.note(*own.digest(), now, generation);
        }
        Ok(is_revoked)
    }

    async fn revoke(&self, key: RevocationKey, until: SystemTime) -> Result<(), RevocationError> {
        self.revoke_at(key, self.0.clock.now(), until).await
    }

    async fn revoke_at(
        &self,
        key: RevocationKey,
        at: SystemTime,
        until: SystemTime,
    ) -> Result<(), RevocationError> {
        let shared = &*self.0;
        let until = until.checked_add(GRACE).unwrap_or(until);
        let stored = if until > shared.clock.now() {
            shared.store.revoke(key, at, until).await
        } else {
            // What has expired needs no revoking.
            Ok(())
        };
        // Whatever came of it: what was believed before is asked again.
        shared.recent.forget_all();
        stored
    }

    fn use_clock(&self, clock: &Clock) {
        self.0.clock.hand(clock);
    }

    fn from_shared(shared: Shared<S>) -> Self {
        Self(Arc::new(shared))
    }

    fn with(self, change: impl FnOnce(&mut Shared<S>)) -> Self
    where
        S: Clone,
    {
        let mut shared = Shared {
            store: self.0.store.clone(),
            interval: self.0.interval,
            on_failure: self.0.on_failure,
            clock_skew: self.0.clock_skew,
            recent: Recent::new(Duration::ZERO),
            clock: self.0.clock.clone(),
        };
        change(&mut shared);
        shared.recent = Recent::new(shared.interval);
        Self::from_shared(shared)
    }
}

fn text_claim<'a>(principal: &'a Principal, name: &str) -> Option<&'a str> {
    principal.claims().get(name)?.as_str()
}

/// Whether the token was issued at or before `instant`, or does not say when. A token whose `iat` is
/// a whole second may have been issued at any time in it: in doubt, before.
fn is_issued_by(principal: &Principal, instant: SystemTime) -> bool {
    let limit = instant
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let Some(issued) = principal
        .claims()
        .get("iat")
        .and_then(serde_json::Value::as_f64)
    else {
        return true;
    };
    // RFC 7519 §2: a NumericDate, perhaps with a fraction. One that is none is before everything.
    issued <= limit.as_secs_f64() || !issued.is_finite()
}

impl<S> Clone for Revocations<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: fmt::Debug> fmt::Debug for Revocations<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocations")
            .field("store", &self.0.store)
            .field("interval", &self.0.interval)
            .field("on_failure", &self.0.on_failure)
            .finish_non_exhaustive()
    }
}
