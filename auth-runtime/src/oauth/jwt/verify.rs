//! Judging a token.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use serde_json::{Map, Value};

use super::builder::JwtBuilder;
use super::cache::{Place, Verified};
use super::claims::time;
use super::fault::Fault;
use super::issuer::{Source, Trusted};
use super::key::Key;
use super::key_set::KeySet;
use super::refreshing::{Flight, Found, Missing};
use super::revocation::{IssuedToken, Revocation};
use super::token::Token;
use crate::model::clock::ClockSlot;
use crate::model::principal::Principal;
use crate::oauth::cache::Cache;
use crate::scheme::{Rejection, Verification, VerifyError, of_token};

/// How often a token waits for keys: once for a fetch that was on its way for another reason, and
/// once for its own.
const WAITS: usize = 2;

/// Verifies signed access tokens: see [the module](super) for what is checked.
///
/// Made with [`builder`](Self::builder), given to [`Bearer::jwt`](crate::Bearer::jwt). A clone is
/// the same verifier, with the same keys and the same cache.
#[derive(Clone)]
pub struct Jwt(Arc<Settings>);

/// From the principal of a token to that of the app.
pub(super) type Hook = Arc<dyn Fn(Principal) -> Verification + Send + Sync>;

pub(super) struct Settings {
    pub(super) issuers: Vec<Trusted>,
    pub(super) cache: Cache<Arc<Verified>>,
    pub(super) revocation: Option<Arc<dyn Revocation>>,
    pub(super) user: Option<Hook>,
    pub(super) max_length: usize,
    pub(super) clock: ClockSlot,
}

/// A judgement, or what it waits for.
enum Judged {
    Accepted(Principal),
    Waiting(Flight),
}

impl Jwt {
    /// Starts the settings of a verifier.
    pub fn builder() -> JwtBuilder {
        JwtBuilder::new()
    }

    pub(super) fn new(settings: Settings) -> Self {
        Self(Arc::new(settings))
    }

    /// Judges a token at a time: at once where the keys are at hand, otherwise when they have been
    /// fetched. For schemes of one's own; [`Bearer::jwt`](crate::Bearer::jwt) calls it.
    ///
    /// The time is that of [`Credentials::now`](crate::http::Credentials::now).
    #[must_use]
    pub fn verify_at(&self, token: &str, now: SystemTime) -> Verification {
        let flight = match self.judge(token, now) {
            Ok(Judged::Accepted(principal)) => return self.with_user(Ok(principal)),
            Err(fault) => return self.with_user(Err(fault)),
            Ok(Judged::Waiting(flight)) => flight,
        };
        let jwt = self.clone();
        let token = token.to_owned();
        Verification::Pending(Box::pin(async move {
            match jwt.with_user(jwt.wait(flight, &token, now).await) {
                Verification::Ready(outcome) => outcome,
                Verification::Pending(outcome) => outcome.await,
            }
        }))
    }

    pub(super) fn clock(&self) -> &ClockSlot {
        &self.0.clock
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.0.clock.now()
    }

    /// Forgets every verified token: their signatures are verified again.
    pub fn forget_verified(&self) {
        self.0.cache.clear();
    }

    /// How many verified tokens are kept, and about how many bytes they take.
    #[must_use]
    pub fn cache_usage(&self) -> (usize, usize) {
        self.0.cache.usage()
    }

    async fn wait(
        &self,
        mut flight: Flight,
        token: &str,
        now: SystemTime,
    ) -> Result<Principal, Fault> {
        for _ in 0..WAITS {
            flight.await;
            match self.judge(token, now)? {
                Judged::Accepted(principal) => return Ok(principal),
                Judged::Waiting(next) => flight = next,
            }
        }
        Err(Fault::Invalid("no key has the id that it names"))
    }

    fn with_user(&self, outcome: Result<Principal, Fault>) -> Verification {
        match (outcome, &self.0.user) {
            (Ok(principal), Some(hook)) => {
                let token = principal.clone();
                match hook(principal) {
                    Verification::Ready(user) => {
                        Verification::Ready(user.map(|user| of_token(user, &token)))
                    }
                    Verification::Pending(user) => Verification::Pending(Box::pin(async move {
                        user.await.map(|user| of_token(user, &token))
                    })),
                }
            }
            (Ok(principal), None) => Verification::Ready(Ok(principal)),
            (Err(fault), _) => Verification::Ready(Err(Rejection::from(VerifyError::from(fault)))),
        }
    }

    fn judge(&self, text: &str, now: SystemTime) -> Result<Judged, Fault> {
        if text.len() > self.0.max_length {
            return Err(Fault::Invalid("it is too long"));
        }
        let place = Place::of(text, &self.0.cache);
        if let Some(place) = place
            && let Some(verified) = place.get()
        {
            match self.judge_verified(&verified, text, now) {
                Some(Ok(principal)) => return Ok(Judged::Accepted(principal)),
                Some(Err(Fault::Expired)) => {
                    place.remove();
                    return Err(Fault::Expired);
                }
                Some(Err(fault)) => return Err(fault),
                None => place.remove(),
            }
        }
        let token = Token::read(text)?;
        let (index, issuer) = self.issuer_of(&token)?;
        let is_expired = match issuer.check(&token, now) {
            Err(Fault::Expired) => true,
            outcome => outcome.map(|()| false)?,
        };
        let keys = match issuer.keys.current(now) {
            Found::Keys(keys) => keys,
            Found::Coming(flight) => return Ok(Judged::Waiting(flight)),
            Found::Unavailable(retry_after) => return Err(Fault::Unavailable { retry_after }),
        };
        let Some(key) = signer(&keys, &token) else {
            // A wrong signature by a key that is known, or a token that is over anyway.
            if is_expired || keys.names(token.key_id.as_deref()) {
                return Err(Fault::Invalid("the signature is not that of a key"));
            }
            return issuer.keys.missing(now).map(Judged::Waiting);
        };
        // Only who holds a token of the issuer is told that it has expired.
        if is_expired {
            return Err(Fault::Expired);
        }
        self.check_revocation(issuer, text, &token.claims, now)?;
        let principal = issuer.principal(token.claims)?;
        if let Some(place) = place {
            place.put(index, key, &principal);
        }
        Ok(Judged::Accepted(principal))
    }

    /// Judges a token whose signature has been verified before: by everything else. `None` where
    /// that verification no longer counts.
    fn judge_verified(
        &self,
        verified: &Verified,
        text: &str,
        now: SystemTime,
    ) -> Option<Result<Principal, Fault>> {
        let issuer = self.0.issuers.get(verified.issuer)?;
        // This may bring new keys, and so comes first.
        let Found::Keys(_) = issuer.keys.current(now) else {
            return None;
        };
        if verified.key.is_retired() {
            return None;
        }
        let claims = verified.principal.claims();
        let outcome = issuer
            .rules
            .check_content(claims)
            .and_then(|()| issuer.rules.check_time(claims, now))
            .and_then(|()| self.check_revocation(issuer, text, claims, now));
        Some(outcome.map(|()| verified.principal.clone()))
    }

    /// The issuer that the token names. That it names it proves nothing yet: what counts is that
    /// from here on only this issuer's keys can (RFC 8725 §3.8).
    fn issuer_of(&self, token: &Token<'_>) -> Result<(usize, &Trusted), Fault> {
        let named = token.claims.get("iss").and_then(Value::as_str);
        let mut issuers = self.0.issuers.iter().enumerate();
        issuers
            .find(|(_, issuer)| named == Some(&issuer.rules.issuer))
            .ok_or(Fault::Invalid("it is from no trusted issuer"))
    }

    fn check_revocation(
        &self,
        issuer: &Trusted,
        text: &str,
        claims: &Map<String, Value>,
        now: SystemTime,
    ) -> Result<(), Fault> {
        let Some(revocation) = &self.0.revocation else {
            return Ok(());
        };
        let token = IssuedToken {
            text,
            issuer: &issuer.rules.issuer,
            claims,
            now,
        };
        if revocation.is_revoked(&token) {
            return Err(Fault::Invalid("it is revoked"));
        }
        Ok(())
    }
}

/// The key that made the signature, of those that may have.
fn signer(keys: &KeySet, token: &Token<'_>) -> Option<Arc<Key>> {
    keys.candidates(token.key_id.as_deref(), token.algorithm)
        .into_iter()
        .find(|key| key.verifies(token.algorithm, token.signed, &token.signature))
        .cloned()
}

impl Trusted {
    /// Everything but the signature.
    fn check(&self, token: &Token<'_>, now: SystemTime) -> Result<(), Fault> {
        if !self.algorithms.contains(&token.algorithm) {
            return Err(Fault::Invalid("the algorithm is not allowed"));
        }
        if token.brings_a_key && !self.ignore_key_headers {
            return Err(Fault::Invalid("the header brings a key"));
        }
        self.rules.check_kind(token.kind.as_deref())?;
        self.rules.check_content(&token.claims)?;
        self.rules.check_time(&token.claims, now)
    }

    fn principal(&self, claims: Map<String, Value>) -> Result<Principal, Fault> {
        let subject = claims
            .get("sub")
            .and_then(Value::as_str)
            .ok_or(Fault::Invalid("it has no subject"))?;
        let principal = Principal::new(format!("{}{subject}", self.prefix))
            .with_expires_at(self.rules.expires_at(&claims)?);
        let principal = match claims.get("auth_time").and_then(time) {
            Some(at) => principal.with_authenticated_at(at),
            None => principal,
        };
        // RFC 9068 §2.2.1: how they authenticated, and not more than one way.
        let principal = match claims.get("acr").and_then(Value::as_str) {
            Some(acr) => principal.with_acr(acr),
            None => principal,
        };
        Ok(self.mapping.apply(principal, &claims).with_claims(claims))
    }
}

impl Source {
    fn current(&self, now: SystemTime) -> Found {
        match self {
            Self::Fixed(keys) => Found::Keys(Arc::clone(keys)),
            Self::Refreshing(keys) => keys.current(now),
        }
    }

    /// What to wait for where no key has the id that a token names.
    fn missing(&self, now: SystemTime) -> Result<Flight, Fault> {
        const NO_KEY: Fault = Fault::Invalid("no key has the id that it names");
        let Self::Refreshing(keys) = self else {
            return Err(NO_KEY);
        };
        match keys.missing(now) {
            Missing::Coming(flight) => Ok(flight),
            Missing::Absent => Err(NO_KEY),
            Missing::Unavailable(retry_after) => Err(Fault::Unavailable { retry_after }),
        }
    }
}

impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwt")
            .field("issuers", &self.0.issuers)
            .field("cache", &self.0.cache)
            .finish_non_exhaustive()
    }
}
