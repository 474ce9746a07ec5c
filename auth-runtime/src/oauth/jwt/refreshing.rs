//! Keys that are fetched, kept, and fetched again.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::algorithm::Algorithm;
use super::fault::JwtError;
use super::file::KeyFile;
use super::key_set::{KeySet, Unusable};
#[cfg(feature = "jwks")]
use super::remote::Remote;
use crate::http::escape::escaped;
use crate::oauth::single_flight::{Flight, SingleFlight};

/// Where keys come from.
pub(super) enum KeySource {
    File(KeyFile),
    #[cfg(feature = "jwks")]
    Remote(Box<Remote>),
}

impl KeySource {
    async fn fetch(&self, why: Why) -> Result<Fetched, String> {
        match self {
            Self::File(file) => file.fetch(why).await,
            #[cfg(feature = "jwks")]
            Self::Remote(remote) => remote.fetch(why).await,
        }
    }

    /// The name of the place, for the log.
    fn place(&self) -> &str {
        match self {
            Self::File(file) => file.name(),
            #[cfg(feature = "jwks")]
            Self::Remote(remote) => remote.name(),
        }
    }
}

/// Why keys are fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// There are none, or they are old.
    Age,
    /// A token is signed by a key that is not among them: they may be published elsewhere by now.
    UnknownKey,
}

pub(super) struct Fetched {
    pub(super) document: Vec<u8>,
    /// For how long its server says that it is fresh.
    pub(super) max_age: Option<Duration>,
}

/// How long keys are kept and how often they are fetched.
///
/// ```
/// use std::time::Duration;
/// use auth_runtime::oauth::jwt::Refresh;
///
/// let refresh = Refresh::default()
///     .max_age_between(Duration::from_secs(60), Duration::from_secs(3600))
///     .stale_for_at_most(Duration::from_secs(6 * 3600));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Refresh {
    min_age: Duration,
    max_age: Duration,
    default_age: Duration,
    stale: Duration,
    interval: Duration,
    retry: Duration,
    spread: f64,
}

impl Default for Refresh {
    fn default() -> Self {
        Self {
            min_age: Duration::from_secs(5 * 60),
            max_age: Duration::from_secs(24 * 3600),
            default_age: Duration::from_secs(3600),
            stale: Duration::from_secs(24 * 3600),
            interval: Duration::from_secs(10),
            retry: Duration::from_secs(5),
            spread: 0.1,
        }
    }
}

impl Refresh {
    /// The bounds of the `max-age` that the server sends (RFC 9111 §5.2.2.1): keys are fetched
    /// again, in the background, when they are that old. The default is 5 minutes to 24 hours.
    /// Without `max-age` it is an hour, inside the bounds.
    #[must_use]
    pub fn max_age_between(mut self, min: Duration, max: Duration) -> Self {
        self.min_age = min;
        self.max_age = max;
        self
    }

    /// How old the keys may become while every fetch fails. From then on tokens are answered with
    /// 503. The default is 24 hours.
    #[must_use]
    pub fn stale_for_at_most(mut self, age: Duration) -> Self {
        self.stale = age;
        self
    }

    /// The time between two fetches that tokens of unknown keys cause, whatever their number. The
    /// default is 10 seconds. After a time without any, up to five follow each other at once.
    ///
    /// A token of an unknown key is answered with 401 when the issuer was asked after the token
    /// came, and does not have the key. Where it may not be asked yet, for others have sent tokens
    /// of unknown keys, the answer is 503, with the rest of this interval in `Retry-After`: the key
    /// may have been published meanwhile.
    #[must_use]
    pub fn unknown_key_interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// The time between a fetch that failed and the next, whatever it was for. The default is 5
    /// seconds.
    #[must_use]
    pub fn retry_interval(mut self, interval: Duration) -> Self {
        self.retry = interval;
        self
    }

    /// Sets by how much of their age, at most, keys are fetched before they are old, each time by
    /// another part of it drawn at random: servers that were started together do not ask together.
    /// The default is 0.1; from 0 to 0.5. They are never fetched before the lower bound of their age.
    #[must_use]
    pub fn spread(mut self, part: f64) -> Self {
        self.spread = part;
        self
    }

    /// When keys are old for which their server says this. `chance` is from 0 to 1.
    fn age(&self, max_age: Option<Duration>, chance: f64) -> Duration {
        max_age
            .unwrap_or(self.default_age)
            .min(self.max_age)
            .mul_f64(1.0 - self.spread * chance)
            .max(self.min_age)
            .min(self.stale)
    }

    pub(super) fn check(&self) -> Result<(), JwtError> {
        if !(0.0..=0.5).contains(&self.spread) {
            return Err(JwtError::Limit("spread"));
        }
        for (name, duration) in [
            ("max_age_between", self.max_age),
            ("stale_for_at_most", self.stale),
            ("unknown_key_interval", self.interval),
            ("retry_interval", self.retry),
        ] {
            if duration.is_zero() {
                return Err(JwtError::Limit(name));
            }
        }
        if self.min_age > self.max_age {
            return Err(JwtError::Limit("max_age_between"));
        }
        Ok(())
    }
}

/// What there is when keys are asked for.
pub(super) enum Found {
    Keys(Arc<KeySet>),
    Coming(Flight<()>),
    Unavailable(Duration),
}

/// What there is when a key is asked for that the set does not have.
pub(super) enum Missing {
    /// It may be in the set that is coming.
    Coming(Flight<()>),
    /// The issuer was asked after the token came, and does not have it.
    Absent,
    /// The issuer may have it by now, and cannot be asked before this has passed.
    Unavailable(Duration),
}

/// How long a fetch may take before it is given up for stuck: beyond every sensible limit.
const LONGEST: Duration = Duration::from_secs(600);

/// How many fetches unknown keys may cause at once, after a time without any.
const BURST: u32 = 5;

/// The keys of one issuer, fetched when they are needed and old.
pub(super) struct Refreshing {
    source: KeySource,
    allowed: Vec<Algorithm>,
    refresh: Refresh,
    state: RwLock<State>,
    flights: SingleFlight<(), ()>,
    /// From when to when the keys are fresh, in milliseconds since 1970: what every request reads.
    fresh: [AtomicU64; 2],
    /// How many fetches were started.
    started: AtomicU64,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// When the last fetch was started, if it failed.
    failed_at: Option<SystemTime>,
    /// What the fetches for unknown keys have used up: they are due when this has come, or up to
    /// a burst of intervals before.
    unknown_until: Option<SystemTime>,
}

struct Held {
    keys: Arc<KeySet>,
    fetched_at: SystemTime,
    /// Which fetch brought them.
    number: u64,
    unusable: Vec<Unusable>,
}

/// The time since `then`; `None` where the clock was set back, and nothing is known.
fn since(then: SystemTime, now: SystemTime) -> Option<Duration> {
    now.duration_since(then).ok()
}

/// A number from 0 to 1, another one each time. It is no secret.
fn chance() -> f64 {
    let random = RandomState::new().hash_one(0_u8);
    f64::from(u32::try_from(random >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

impl Refreshing {
    pub(super) fn new(source: KeySource, allowed: Vec<Algorithm>, refresh: Refresh) -> Self {
        Self {
            source,
            allowed,
            refresh,
            state: RwLock::default(),
            flights: SingleFlight::new(LONGEST),
            fresh: [AtomicU64::new(0), AtomicU64::new(0)],
            started: AtomicU64::new(0),
        }
    }

    pub(super) fn is_fresh(&self, now: SystemTime) -> bool {
        let [from, until] = &self.fresh;
        let now = milliseconds(now);
        from.load(Ordering::Acquire) <= now && now < until.load(Ordering::Acquire)
    }

    /// How many fetches there were: what a token that has come now was not known to.
    pub(super) fn started(&self) -> u64 {
        self.started.load(Ordering::Acquire)
    }

    /// The keys. Where they are old, this has them fetched in the background; where there are
    /// none, or too old ones, in the foreground.
    pub(super) fn current(self: &Arc<Self>, now: SystemTime) -> Found {
        if self.is_fresh(now)
            && let Some(held) = &self.read().held
        {
            return Found::Keys(Arc::clone(&held.keys));
        }
        let state = self.write();
        let usable = state.held.as_ref().and_then(|held| {
            let too_old = since(held.fetched_at, now).is_some_and(|age| age >= self.refresh.stale);
            (!too_old).then(|| Arc::clone(&held.keys))
        });
        let wait = self.until_retry(&state, now);
        let flight = match self.flights.current(&()) {
            Some(flight) => Some(flight),
            None if self.is_fresh(now) || !wait.is_zero() => None,
            None => Some(self.start(now, Why::Age)),
        };
        match (usable, flight) {
            (Some(keys), _) => Found::Keys(keys),
            (None, Some(flight)) => Found::Coming(flight),
            (None, None) => Found::Unavailable(wait.max(Duration::from_secs(1))),
        }
    }

    /// What to do about a key that the current set does not have. The token that names it came when
    /// so many fetches had been [started](Self::started).
    pub(super) fn missing(self: &Arc<Self>, started: u64, now: SystemTime) -> Missing {
        let mut state = self.write();
        if state
            .held
            .as_ref()
            .is_some_and(|held| held.number > started)
        {
            return Missing::Absent;
        }
        if let Some(flight) = self.flights.current(&()) {
            return Missing::Coming(flight);
        }
        // An issuer that does not answer has not said that the key is not its own.
        let wait = self.until_retry(&state, now);
        if !wait.is_zero() {
            return Missing::Unavailable(wait);
        }
        if state.failed_at.is_none() {
            let wait = self.take_unknown(&mut state, now);
            if !wait.is_zero() {
                return Missing::Unavailable(wait);
            }
        }
        Missing::Coming(self.start(now, Why::UnknownKey))
    }

    /// What remains of the time after a fetch that failed; zero where none did.
    fn until_retry(&self, state: &State, now: SystemTime) -> Duration {
        let past = state.failed_at.and_then(|failed| since(failed, now));
        past.map_or(Duration::ZERO, |past| {
            self.refresh.retry.saturating_sub(past)
        })
    }

    /// Takes one of the fetches that unknown keys may cause: one an interval, and a burst of those
    /// that were not taken. Otherwise, the time until the next.
    fn take_unknown(&self, state: &mut State, now: SystemTime) -> Duration {
        let interval = self.refresh.interval;
        let ahead = state
            .unknown_until
            .and_then(|until| until.duration_since(now).ok())
            // No more than that can have been used up: the clock was set back.
            .filter(|ahead| *ahead <= interval * BURST)
            .unwrap_or_default();
        let wait = (ahead + interval).saturating_sub(interval * BURST);
        if wait.is_zero() {
            state.unknown_until = now.checked_add(ahead + interval);
        }
        wait
    }

    fn start(self: &Arc<Self>, now: SystemTime, why: Why) -> Flight<()> {
        let number = self.started.fetch_add(1, Ordering::AcqRel) + 1;
        let keys = Arc::clone(self);
        let question = async move {
            let landing = Landing {
                number,
                started_at: now,
                outcome: Err("the fetch ended without an answer".into()),
                keys: &keys,
            };
            landing.fetch(why).await;
        };
        self.flights.join((), || None, question, |()| {}, ())
    }

    /// Takes in what a fetch brought.
    fn land(&self, number: u64, started_at: SystemTime, outcome: Result<Fetched, String>) {
        let read = outcome.and_then(|fetched| {
            let (keys, unusable) = KeySet::read(&fetched.document, &self.allowed)?;
            Ok((keys, unusable, fetched.max_age))
        });
        let place = self.source.place();
        let mut state = self.write();
        match read {
            Ok((keys, unusable, max_age)) => {
                let before = state.held.as_ref().map(|held| held.unusable.as_slice());
                Unusable::log_new(&unusable, before.unwrap_or_default(), place);
                let keys = match &state.held {
                    Some(held) => keys.replacing(&held.keys),
                    None => keys,
                };
                let ids: Vec<_> = keys.iter().map(|key| key.id()).collect();
                if ids.is_empty() {
                    tracing::warn!(target: "auth_runtime", place, "the issuer has no usable key");
                } else {
                    tracing::debug!(target: "auth_runtime", place, ?ids, "keys fetched");
                }
                let age = self.refresh.age(max_age, chance());
                let [from, until] = &self.fresh;
                from.store(milliseconds(started_at), Ordering::Release);
                let end = started_at.checked_add(age).map_or(u64::MAX, milliseconds);
                until.store(end, Ordering::Release);
                state.failed_at = None;
                state.held = Some(Held {
                    keys: Arc::new(keys),
                    fetched_at: started_at,
                    number,
                    unusable,
                });
            }
            Err(error) => {
                // It may quote what another server says.
                let error = &*escaped(&error);
                tracing::warn!(target: "auth_runtime", place, error, "keys cannot be fetched");
                state.failed_at = Some(started_at);
            }
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lands a fetch however it ends, also by a panic.
struct Landing<'a> {
    keys: &'a Refreshing,
    number: u64,
    started_at: SystemTime,
    outcome: Result<Fetched, String>,
}

impl Landing<'_> {
    async fn fetch(mut self, why: Why) {
        self.outcome = self.keys.source.fetch(why).await;
    }
}

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        let outcome = std::mem::replace(&mut self.outcome, Err(String::new()));
        self.keys.land(self.number, self.started_at, outcome);
    }
}

impl fmt::Debug for Refreshing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refreshing")
            .field("place", &self.source.place())
            .field("refresh", &self.refresh)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_that_start_together_do_not_ask_together() {
        let ages: std::collections::BTreeSet<_> = (0..100)
            .map(|_| Refresh::default().age(None, chance()))
            .collect();
        let (first, last) = (ages.first().unwrap(), ages.last().unwrap());
        assert!(ages.len() > 50, "{} ages", ages.len());
        assert!(first.as_secs() >= 3240 && *last <= Duration::from_secs(3600));
        assert!(last.as_secs() - first.as_secs() > 60);
    }

    #[test]
    fn an_age_is_inside_its_bounds_whatever_the_chance() {
        let minutes = |count: u64| Duration::from_secs(60 * count);
        let refresh = Refresh::default();
        for (max_age, none, all) in [
            (Some(Duration::ZERO), minutes(5), minutes(5)),
            (Some(minutes(5)), minutes(5), minutes(5)),
            (Some(minutes(100)), minutes(100), minutes(90)),
            (Some(Duration::MAX), minutes(24 * 60), minutes(24 * 54)),
        ] {
            assert_eq!(refresh.age(max_age, 0.0), none);
            assert_eq!(refresh.age(max_age, 1.0), all);
            assert_eq!(refresh.spread(0.0).age(max_age, 1.0), none);
        }
        let short = refresh.stale_for_at_most(minutes(1));
        assert_eq!(short.age(None, 0.5), minutes(1));
        for spread in [-0.1, 0.6, f64::NAN] {
            assert!(refresh.spread(spread).check().is_err());
        }
    }
}
