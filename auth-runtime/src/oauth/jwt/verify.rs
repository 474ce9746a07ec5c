//! Verifying a token.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use super::builder::JwtBuilder;
use super::cache::{Place, Verified};
use super::claims::time;
use super::fault::{Fault, JwtError};
use super::issuer::{Source, Trusted};
use super::key::Key;
use super::key_set::KeySet;
use super::refreshing::{Found, Missing};
use super::token::Token;
use crate::model::clock::ClockSlot;
use crate::model::principal::Principal;
use crate::oauth::cache::Cache;
use crate::oauth::single_flight::Flight;
use crate::scheme::{Rejection, Verification, VerifyError, of_token};

/// How often a token waits for keys: for a fetch that was on its way when it came, for one that was
/// started since, and for one that replaces what got too old meanwhile.
const WAITS: usize = 3;

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
    pub(super) user: Option<Hook>,
    pub(super) max_length: usize,
    pub(super) clock: ClockSlot,
}

/// A valid token, or what its verification waits for.
enum Verdict {
    Accepted(Principal),
    Waiting(Flight<()>),
}

impl Jwt {
    /// Starts the settings of a verifier.
    pub fn builder() -> JwtBuilder {
        JwtBuilder::new()
    }

    pub(super) fn new(settings: Settings) -> Self {
        Self(Arc::new(settings))
    }

    /// Verifies a token at a time: at once where the keys are at hand, otherwise when they have been
    /// fetched. For schemes of one's own; [`Bearer::jwt`](crate::Bearer::jwt) calls it.
    ///
    /// The time is that of [`Credentials::now`](crate::http::Credentials::now).
    #[must_use]
    pub fn verify_at(&self, token: &str, now: SystemTime) -> Verification {
        let mut arrived = None;
        let flight = match self.check(token, now, &mut arrived) {
            Ok(Verdict::Accepted(principal)) => return self.with_user(Ok(principal)),
            Err(fault) => return self.with_user(Err(fault)),
            Ok(Verdict::Waiting(flight)) => flight,
        };
        let jwt = self.clone();
        let token = token.to_owned();
        Verification::Pending(Box::pin(async move {
            match jwt.with_user(jwt.wait(flight, &token, now, arrived).await) {
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

    /// Fetches the keys of every issuer that has none yet, so that the first request need not wait:
    /// before the server starts to listen. An issuer that does not answer is asked again when a
    /// token comes.
    ///
    /// ```no_run
    /// use auth_runtime::oauth::jwt::{Issuer, Jwt};
    /// # async fn start() -> Result<(), Box<dyn std::error::Error>> {
    /// # let path = "keys.json";
    /// let jwt = Jwt::builder()
    ///     .audience("https://articles.example")
    ///     .issuer(Issuer::new("https://id.example").jwks_file(path))
    ///     .build()?;
    /// jwt.warm_up().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`JwtError::Unavailable`] with the name of an issuer whose keys cannot be had now. The app
    /// decides whether it starts without them.
    pub async fn warm_up(&self) -> Result<(), JwtError> {
        let coming: Vec<_> = self
            .0
            .issuers
            .iter()
            .map(|issuer| issuer.keys.current(self.now()))
            .collect();
        for found in coming {
            if let Found::Coming(flight) = found {
                flight.await;
            }
        }
        let mut issuers = self.0.issuers.iter();
        let without = issuers.find(|issuer| !issuer.keys.is_fresh(self.now()));
        match without {
            None => Ok(()),
            Some(issuer) => Err(JwtError::Unavailable(
                issuer.rules.issuer.clone().unwrap_or_default(),
            )),
        }
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
        mut flight: Flight<()>,
        token: &str,
        now: SystemTime,
        mut arrived: Option<u64>,
    ) -> Result<Principal, Fault> {
        for _ in 0..WAITS {
            flight.await;
            match self.check(token, now, &mut arrived)? {
                Verdict::Accepted(principal) => return Ok(principal),
                Verdict::Waiting(next) => flight = next,
            }
        }
        Err(Fault::Unavailable {
            retry_after: Duration::from_secs(1),
        })
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

    /// `arrived` says how many fetches of keys there had been when the token came, once it is known
    /// whose it is.
    fn check(
        &self,
        text: &str,
        now: SystemTime,
        arrived: &mut Option<u64>,
    ) -> Result<Verdict, Fault> {
        if text.len() > self.0.max_length {
            return Err(Fault::Invalid("it is too long"));
        }
        let place = Place::of(text, &self.0.cache);
        if let Some(place) = place
            && let Some(verified) = place.get()
        {
            match self.check_known(&verified, now) {
                Some(Ok(principal)) => return Ok(Verdict::Accepted(principal)),
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
            Err(Fault::Setting(because)) => {
                issuer.warn_of_setting(&token, because, now);
                return Err(Fault::Setting(because));
            }
            outcome => outcome.map(|()| false)?,
        };
        let arrived = *arrived.get_or_insert_with(|| issuer.keys.started());
        let keys = match issuer.keys.current(now) {
            Found::Keys(keys) => keys,
            Found::Coming(flight) => return Ok(Verdict::Waiting(flight)),
            Found::Unavailable(retry_after) => return Err(Fault::Unavailable { retry_after }),
        };
        let Some(key) = signer(&keys, &token) else {
            let (is_known, reason) = keys.why_none_signed(&token);
            // It is over anyway.
            if is_expired {
                return Err(Fault::Invalid(reason));
            }
            return match issuer.keys.missing(arrived, now) {
                Missing::Coming(flight) => Ok(Verdict::Waiting(flight)),
                // The key may have changed under its id, but what there is of it says no.
                Missing::Unavailable(retry_after) if !is_known => {
                    Err(Fault::Unavailable { retry_after })
                }
                _ => Err(Fault::Invalid(reason)),
            };
        };
        // Only who holds a token of the issuer is told that it has expired.
        if is_expired {
            return Err(Fault::Expired);
        }
        let principal = issuer.principal(token.claims)?;
        if let Some(place) = place {
            place.put(index, key, &principal);
        }
        Ok(Verdict::Accepted(principal))
    }

    /// Checks a token whose signature has been verified before: everything else. `None` where
    /// that verification no longer counts.
    fn check_known(
        &self,
        verified: &Verified,
        now: SystemTime,
    ) -> Option<Result<Principal, Fault>> {
        let issuer = self.0.issuers.get(verified.issuer)?;
        // This may bring new keys, and so comes first.
        if !issuer.keys.is_fresh(now) && !matches!(issuer.keys.current(now), Found::Keys(_)) {
            return None;
        }
        if verified.key.is_retired() {
            return None;
        }
        let claims = verified.principal.claims();
        let outcome = issuer
            .rules
            .check_content(claims)
            .and_then(|()| issuer.rules.check_time(claims, now));
        Some(outcome.map(|()| verified.principal.clone()))
    }

    /// The issuer that the token names. That it names it proves nothing yet: what counts is that
    /// from here on only this issuer's keys can (RFC 8725 §3.8).
    fn issuer_of(&self, token: &Token<'_>) -> Result<(usize, &Trusted), Fault> {
        let named = token.claims.get("iss");
        let is_named = |issuer: &Trusted| match (&issuer.rules.issuer, named) {
            (Some(issuer), Some(named)) => named == issuer,
            (None, None) => true,
            _ => false,
        };
        let mut issuers = self.0.issuers.iter().enumerate();
        issuers
            .find(|(_, issuer)| is_named(issuer))
            .ok_or(Fault::Invalid("it is from no trusted issuer"))
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
            return Err(Fault::Algorithm(token.algorithm.name()));
        }
        if token.brings_a_key && !self.ignore_key_headers {
            return Err(Fault::Invalid("the header brings a key"));
        }
        self.rules.check_kind(token.kind.as_deref())?;
        self.rules.check_content(&token.claims)?;
        self.rules.check_time(&token.claims, now)
    }

    /// Says once that a token which the issuer did sign is refused by a setting.
    fn warn_of_setting(&self, token: &Token<'_>, because: &'static str, now: SystemTime) {
        // Said once, it costs no signature any more.
        if !self.warned.has(because)
            && let Found::Keys(keys) = self.keys.current(now)
            && signer(&keys, token).is_some()
            && self.warned.is_new(because)
        {
            let issuer = self.rules.issuer.as_deref().unwrap_or("(without name)");
            tracing::warn!(target: "auth_runtime", issuer, because, "a token of the issuer is refused by its settings");
        }
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
            Self::Own(keys) => Found::Keys(keys.verifying()),
            Self::Refreshing(keys) => keys.current(now),
        }
    }

    fn is_fresh(&self, now: SystemTime) -> bool {
        match self {
            Self::Fixed(_) | Self::Own(_) => true,
            Self::Refreshing(keys) => keys.is_fresh(now),
        }
    }

    fn started(&self) -> u64 {
        match self {
            Self::Fixed(_) | Self::Own(_) => 0,
            Self::Refreshing(keys) => keys.started(),
        }
    }

    /// What to do where no key made the signature.
    fn missing(&self, arrived: u64, now: SystemTime) -> Missing {
        match self {
            Self::Fixed(_) | Self::Own(_) => Missing::Absent,
            Self::Refreshing(keys) => keys.missing(arrived, now),
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
