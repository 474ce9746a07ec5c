//! Keys that are fetched, kept, and fetched again.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread;
use std::time::{Duration, SystemTime};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use tokio::sync::oneshot;

use super::algorithm::Algorithm;
use super::fault::JwtError;
use super::key_set::KeySet;
use crate::http::escape::escaped;

/// Where keys come from. It may block: it is called on a thread of its own.
pub(super) trait Fetch: Send + Sync + 'static {
    /// The text of a JWK Set.
    fn fetch(&self, why: Why) -> Result<Fetched, String>;

    /// The name of the place, for the log.
    fn place(&self) -> &str;
}

/// Why keys are fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// There are none, or they are old.
    Age,
    /// A token names a key that is not among them: they may be published elsewhere by now.
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

    /// The time between two fetches that tokens with an unknown `kid` cause, whatever their
    /// number. The default is 10 seconds.
    #[must_use]
    pub fn unknown_key_interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// The time between a fetch that failed and the next. The default is 5 seconds.
    #[must_use]
    pub fn retry_interval(mut self, interval: Duration) -> Self {
        self.retry = interval;
        self
    }

    pub(super) fn check(&self) -> Result<(), JwtError> {
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

/// A fetch that is on its way. It ends when the keys are there, or are known not to come.
pub(super) type Flight = Shared<BoxFuture<'static, ()>>;

/// What there is when keys are asked for.
pub(super) enum Found {
    Keys(Arc<KeySet>),
    Coming(Flight),
    Unavailable(Duration),
}

/// What there is when a key is asked for that the set does not have.
pub(super) enum Missing {
    /// It may be in the set that is coming.
    Coming(Flight),
    /// The issuer was asked lately, and does not have it.
    Absent,
    /// The issuer was asked lately, and did not answer.
    Unavailable(Duration),
}

/// The keys of one issuer, fetched when they are needed and old.
pub(super) struct Refreshing {
    source: Box<dyn Fetch>,
    allowed: Vec<Algorithm>,
    refresh: Refresh,
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    flight: Option<Flight>,
    /// When the last fetch was started, if it failed.
    failed_at: Option<SystemTime>,
    /// When a fetch was last started for an unknown key.
    unknown_at: Option<SystemTime>,
}

struct Held {
    keys: Arc<KeySet>,
    fetched_at: SystemTime,
    max_age: Duration,
}

/// The time since `then`; `None` where the clock was set back, and nothing is known.
fn since(then: SystemTime, now: SystemTime) -> Option<Duration> {
    now.duration_since(then).ok()
}

/// What remains of `interval` since `then`; zero where it has passed or is not known.
fn rest(then: Option<SystemTime>, interval: Duration, now: SystemTime) -> Duration {
    then.and_then(|then| since(then, now))
        .map_or(Duration::ZERO, |past| interval.saturating_sub(past))
}

impl Refreshing {
    pub(super) fn new(source: Box<dyn Fetch>, allowed: Vec<Algorithm>, refresh: Refresh) -> Self {
        Self {
            source,
            allowed,
            refresh,
            state: RwLock::default(),
        }
    }

    /// The keys. Where they are old, this has them fetched in the background; where there are
    /// none, or too old ones, in the foreground.
    pub(super) fn current(self: &Arc<Self>, now: SystemTime) -> Found {
        if let Some(held) = &self.read().held
            && self.is_fresh(held, now)
        {
            return Found::Keys(Arc::clone(&held.keys));
        }
        let mut state = self.write();
        let usable = state.held.as_ref().and_then(|held| {
            let too_old = since(held.fetched_at, now).is_some_and(|age| age >= self.refresh.stale);
            (!too_old).then(|| Arc::clone(&held.keys))
        });
        let is_fresh = state
            .held
            .as_ref()
            .is_some_and(|held| self.is_fresh(held, now));
        let wait = rest(state.failed_at, self.refresh.retry, now);
        let flight = match &state.flight {
            Some(flight) => Some(flight.clone()),
            None if is_fresh || !wait.is_zero() => None,
            None => Some(self.start(&mut state, now, Why::Age)),
        };
        match (usable, flight) {
            (Some(keys), _) => Found::Keys(keys),
            (None, Some(flight)) => Found::Coming(flight),
            (None, None) => Found::Unavailable(wait.max(Duration::from_secs(1))),
        }
    }

    /// What to do about a key that the current set does not have.
    pub(super) fn missing(self: &Arc<Self>, now: SystemTime) -> Missing {
        let mut state = self.write();
        if let Some(flight) = &state.flight {
            return Missing::Coming(flight.clone());
        }
        // An issuer that does not answer has not said that the key is not its own.
        let wait = rest(state.failed_at, self.refresh.retry, now);
        if !wait.is_zero() {
            return Missing::Unavailable(wait);
        }
        if !rest(state.unknown_at, self.refresh.interval, now).is_zero() {
            return if state.failed_at.is_some() {
                Missing::Unavailable(self.refresh.retry)
            } else {
                Missing::Absent
            };
        }
        state.unknown_at = Some(now);
        Missing::Coming(self.start(&mut state, now, Why::UnknownKey))
    }

    fn is_fresh(&self, held: &Held, now: SystemTime) -> bool {
        since(held.fetched_at, now)
            .is_some_and(|age| age < held.max_age && age < self.refresh.stale)
    }

    /// Starts a fetch on a thread of its own: it outlives the request, and neither a busy nor a
    /// stopping worker delays it.
    fn start(self: &Arc<Self>, state: &mut State, now: SystemTime, why: Why) -> Flight {
        let (landed, landing) = oneshot::channel();
        let flight = landing.map(|_| ()).boxed().shared();
        state.flight = Some(flight.clone());
        let landing = Arc::new(Mutex::new(Some(Landing {
            keys: Arc::clone(self),
            started_at: now,
            outcome: Some(Err("the fetch ended without an answer".into())),
            _landed: landed,
        })));
        let flying = thread::Builder::new().name("auth-keys".into()).spawn({
            let landing = Arc::clone(&landing);
            move || {
                if let Some(mut landing) = take(&landing) {
                    let fetched = landing.keys.source.fetch(why);
                    landing.outcome = Some(fetched);
                }
            }
        });
        if let Err(error) = flying {
            tracing::error!(target: "auth_runtime", %error, "no thread to fetch keys");
            state.flight = None;
            state.failed_at = Some(now);
            if let Some(mut landing) = take(&landing) {
                // It would lock the state that is locked here.
                landing.outcome = None;
            }
        }
        flight
    }

    /// Takes in what a fetch brought.
    fn land(&self, started_at: SystemTime, outcome: Result<Fetched, String>) {
        let read = outcome.and_then(|fetched| {
            let keys = KeySet::read(&fetched.document, &self.allowed)?;
            Ok((keys, fetched.max_age))
        });
        let mut state = self.write();
        state.flight = None;
        match read {
            Ok((keys, max_age)) => {
                let keys = match &state.held {
                    Some(held) => keys.replacing(&held.keys),
                    None => keys,
                };
                let ids: Vec<_> = keys.iter().map(|key| key.id()).collect();
                let place = self.source.place();
                if ids.is_empty() {
                    tracing::warn!(target: "auth_runtime", place, "the issuer has no usable key");
                } else {
                    tracing::debug!(target: "auth_runtime", place, ?ids, "keys fetched");
                }
                state.failed_at = None;
                state.held = Some(Held {
                    keys: Arc::new(keys),
                    fetched_at: started_at,
                    max_age: max_age
                        .unwrap_or(self.refresh.default_age)
                        .clamp(self.refresh.min_age, self.refresh.max_age),
                });
            }
            Err(error) => {
                let place = self.source.place();
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

fn take(landing: &Mutex<Option<Landing>>) -> Option<Landing> {
    let mut landing = landing.lock().unwrap_or_else(PoisonError::into_inner);
    landing.take()
}

/// Lands a fetch however it ends, also by a panic; those who wait are woken after that.
struct Landing {
    keys: Arc<Refreshing>,
    started_at: SystemTime,
    outcome: Option<Result<Fetched, String>>,
    _landed: oneshot::Sender<()>,
}

impl Drop for Landing {
    fn drop(&mut self) {
        if let Some(outcome) = self.outcome.take() {
            self.keys.land(self.started_at, outcome);
        }
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
