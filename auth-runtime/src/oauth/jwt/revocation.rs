//! Tokens that are taken back before they expire.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use serde_json::{Map, Value};

use super::builder::MAX_LEEWAY;
use super::claims::time;
use crate::model::secret::Secret;
use crate::oauth::cache::{Digest, digest};

/// A valid token, as a [`Revocation`] sees it.
pub struct IssuedToken<'a> {
    pub(super) text: &'a str,
    pub(super) issuer: &'a str,
    pub(super) claims: &'a Map<String, Value>,
    pub(super) now: SystemTime,
}

impl<'a> IssuedToken<'a> {
    /// The token itself.
    #[must_use]
    pub fn token(&self) -> Secret<'a> {
        Secret::new(self.text)
    }

    /// Who issued it.
    #[must_use]
    pub fn issuer(&self) -> &'a str {
        self.issuer
    }

    /// Its `sub`, without any prefix.
    #[must_use]
    pub fn subject(&self) -> Option<&'a str> {
        self.claims.get("sub")?.as_str()
    }

    /// Its `jti`.
    #[must_use]
    pub fn id(&self) -> Option<&'a str> {
        self.claims.get("jti")?.as_str()
    }

    /// When it was issued: its `iat`.
    #[must_use]
    pub fn issued_at(&self) -> Option<SystemTime> {
        time(self.claims.get("iat")?)
    }

    /// All its claims.
    #[must_use]
    pub fn claims(&self) -> &'a Map<String, Value> {
        self.claims
    }

    /// The time of the request, by the clock of the configuration.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.now
    }
}

impl fmt::Debug for IssuedToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedToken")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// Says which valid tokens are no longer accepted. Asked for every token of every request, cached
/// or not; it must answer at once. A closure is one, and so is [`Revoked`].
pub trait Revocation: Send + Sync + 'static {
    /// Whether the token is taken back.
    fn is_revoked(&self, token: &IssuedToken<'_>) -> bool;
}

impl<F: Fn(&IssuedToken<'_>) -> bool + Send + Sync + 'static> Revocation for F {
    fn is_revoked(&self, token: &IssuedToken<'_>) -> bool {
        self(token)
    }
}

/// A list of tokens that are taken back, in the memory of this process. A clone is the same list.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use auth_runtime::oauth::jwt::{Jwt, Revoked};
///
/// let revoked = Revoked::default();
/// let jwt = Jwt::builder().revocation(revoked.clone());
/// // Later, when somebody signs out:
/// revoked.subject("https://id.example", "ada", SystemTime::now());
/// revoked.id("https://id.example", "the-jti", SystemTime::now() + Duration::from_secs(3600));
/// ```
///
/// Tokens and ids are forgotten some time after they would have expired, as told; subjects are
/// kept, one entry each.
#[derive(Clone, Debug, Default)]
pub struct Revoked(Arc<RwLock<Lists>>);

#[derive(Default)]
struct Lists {
    tokens: HashMap<Digest, SystemTime>,
    ids: HashMap<(Box<str>, Box<str>), SystemTime>,
    subjects: HashMap<(Box<str>, Box<str>), SystemTime>,
    /// The size at which what has expired is looked for next.
    sweep_at: usize,
}

impl fmt::Debug for Lists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lists")
            .field("tokens", &self.tokens.len())
            .field("ids", &self.ids.len())
            .field("subjects", &self.subjects.len())
            .finish_non_exhaustive()
    }
}

impl Revoked {
    /// Takes back this very token, whatever its signature: whoever holds a token signed with
    /// ECDSA can make a second signature of it. It is kept, as a digest, until `expires_at`.
    pub fn token(&self, token: &Secret<'_>, expires_at: SystemTime) {
        let digest = digest(signed(token.expose()));
        self.change(|lists| {
            keep_longer(lists.tokens.entry(digest), expires_at);
        });
    }

    /// Takes back the issuer's token of this `jti`. It is kept until `expires_at`.
    pub fn id(&self, issuer: &str, id: &str, expires_at: SystemTime) {
        self.change(|lists| {
            keep_longer(lists.ids.entry((issuer.into(), id.into())), expires_at);
        });
    }

    /// Takes back every token of this issuer and `sub` that was issued at or before `at`, or does
    /// not say when. `sub` is without any prefix.
    pub fn subject(&self, issuer: &str, subject: &str, at: SystemTime) {
        self.change(|lists| {
            keep_longer(lists.subjects.entry((issuer.into(), subject.into())), at);
        });
    }

    fn change(&self, change: impl FnOnce(&mut Lists)) {
        let mut lists = self.0.write().unwrap_or_else(PoisonError::into_inner);
        change(&mut lists);
        if lists.tokens.len() + lists.ids.len() > lists.sweep_at.max(1024) {
            // By the system's clock: a test's may be anywhere.
            let now = SystemTime::now();
            let is_over = |until: &SystemTime| {
                // As long as a leeway may let them in.
                until
                    .checked_add(MAX_LEEWAY)
                    .is_some_and(|until| until <= now)
            };
            lists.tokens.retain(|_, until| !is_over(until));
            lists.ids.retain(|_, until| !is_over(until));
            lists.sweep_at = 2 * (lists.tokens.len() + lists.ids.len());
        }
    }
}

/// Of two revocations the later time counts: none takes another back.
fn keep_longer<K>(entry: Entry<'_, K, SystemTime>, time: SystemTime) {
    let held = entry.or_insert(time);
    *held = time.max(*held);
}

/// Header and payload: what a token says.
fn signed(text: &str) -> &str {
    text.rsplit_once('.').map_or(text, |(signed, _)| signed)
}

impl Revocation for Revoked {
    fn is_revoked(&self, token: &IssuedToken<'_>) -> bool {
        let lists = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if !lists.tokens.is_empty() && lists.tokens.contains_key(&digest(signed(token.text))) {
            return true;
        }
        let issuer = token.issuer();
        let key = |text: &str| (Box::from(issuer), Box::from(text));
        if !lists.ids.is_empty()
            && let Some(id) = token.id()
            && lists.ids.contains_key(&key(id))
        {
            return true;
        }
        if !lists.subjects.is_empty()
            && let Some(subject) = token.subject()
            && let Some(at) = lists.subjects.get(&key(subject))
        {
            return token.issued_at().is_none_or(|issued| issued <= *at);
        }
        false
    }
}
