//! Limiting wrong credentials: how often an account may be tried, and from where.

mod budget;
mod in_flight;
mod memory;
#[cfg(feature = "redis")]
mod redis;

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use self::budget::{Budget, Keys, Taken};
use self::in_flight::{Flight, InFlight, NextEnd};
use self::memory::MemoryStore;
#[cfg(feature = "redis")]
use self::redis::RedisStore;
use crate::model::clock::{Clock, ClockSlot};
use crate::scheme::VerifyError;

/// Counts wrong credentials and refuses more of them with 429 and `Retry-After`, before they are
/// looked at: for [`Basic`](crate::Basic::limited), for the [login](Self::login) of a session, and
/// for [any verifier](Self::attempt). A clone is the same limiter.
///
/// ```
/// use auth_runtime::scheme::AttemptLimiter;
/// use auth_runtime::{Auth, Basic, Principal, Secret, VerifyError};
///
/// async fn find(user: &str, password: &str) -> Result<Option<Principal>, VerifyError> {
///     # _ = (user, password); Ok(None)
///     /* compares the hash of the password, on the thread pool that blocks */
/// }
///
/// let limiter = AttemptLimiter::in_memory();
/// let auth = Auth::builder()
///     .realm("articles")
///     .scheme(
///         Basic::new(|user: String, password: Secret<'static>| async move {
///             find(&user, password.expose()).await
///         })
///         .limited(&limiter),
///     )
///     .build()?;
/// # Ok::<(), auth_runtime::ConfigurationError>(())
/// ```
///
/// # What is counted
///
/// Each attempt counts in three places, and is refused where one of them is full. An attempt that
/// succeeds is taken out again, and so is one that the verifier could not answer.
///
/// | place | full after | one more every | against |
/// |---|---|---|---|
/// | one account at one address | 10 wrong ones | 5 minutes | guessing one password |
/// | one account, wherever from | 100 | 10 minutes | the same from many addresses |
/// | one address, whatever the account | 100 | 1 minute | one password for many accounts |
///
/// An attempt at an account from an address where the account has succeeded in the last 30 days
/// counts in the first place alone. So an attacker elsewhere does not keep the owner out, and one
/// behind the same NAT keeps its other users out only where they never signed in from there. What
/// runs already, such as a session, does not ask the limiter.
///
/// An *address* is one of IPv4, and a /56 of IPv6: the block that providers give to one customer
/// (RIPE-690), who can take any address of it. [`address_blocks`](Self::address_blocks) sets others.
/// Behind a proxy it is the proxy's, unless that is one of the
/// [trusted proxies](crate::AuthBuilder::trusted_proxies): without that setting all clients are one.
/// Clients without an address, as on a Unix socket, are one as well.
///
/// Names that differ in case or in spaces around them are one account. Where the app finds an
/// account by more than one name, it gives the limiter the one by which it is stored.
///
/// # Parallel attempts
///
/// An attempt counts before it is verified: a thousand at once are not a thousand guesses. One that
/// finds its place full, while others on it are being verified here, waits for their outcome: a page
/// that loads thirty images with `Basic` is not refused. One that is cut off counts as wrong, for
/// the client may have seen enough.
///
/// # Where it is kept
///
/// [`in_memory`](Self::in_memory): in this process, in at most about 20 MB; what is full loses what
/// was not asked for lately. `AttemptLimiter::redis` (feature `redis`): in a Redis that the servers
/// share. While it is away, attempts are refused with 503.
///
/// # Security
///
/// An attacker learns that an account is limited, and not whether it exists: names are counted
/// whether or not there is such an account. Do the same work for both: verify the password against
/// the hash of a random one where there is no such account.
#[derive(Clone)]
pub struct AttemptLimiter {
    store: Store,
    settings: Settings,
    clock: ClockSlot,
    in_flight: InFlight,
}

#[derive(Clone)]
enum Store {
    Memory(Arc<MemoryStore>),
    #[cfg(feature = "redis")]
    Redis(RedisStore),
}

#[derive(Clone, Copy, Debug)]
struct Settings {
    /// In the order of [`Keys::places`].
    budgets: [Budget; 3],
    ipv4: u8,
    ipv6: u8,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The credentials were right.
    Right,
    /// They were wrong: it goes on counting.
    Wrong,
    /// It cannot be told.
    Unknown,
}

impl AttemptLimiter {
    /// Counts in the memory of this process.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::of(Store::Memory(Arc::default()))
    }

    /// Counts in the Redis at this URL, version 7 or later, with the other servers that reach it:
    /// `redis://[user:password@]host[:port][/database]`. Feature `redis`.
    ///
    /// Its keys begin with `auth:attempts:` and hold digests. It connects when it is first used.
    ///
    /// # Errors
    ///
    /// Where the URL cannot be used.
    #[cfg(feature = "redis")]
    pub fn redis(url: &str) -> Result<Self, InvalidRedisUrl> {
        let store = RedisStore::open(url).ok_or(InvalidRedisUrl)?;
        Ok(Self::of(Store::Redis(store)))
    }

    fn of(store: Store) -> Self {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        Self {
            store,
            settings: Settings {
                budgets: [
                    Budget::new(10, minutes(5)),
                    // NIST SP 800-63B-4 §3.2.2: "no more than 100" consecutive ones.
                    Budget::new(100, minutes(10)),
                    Budget::new(100, minutes(1)),
                ],
                ipv4: 32,
                ipv6: 56,
            },
            clock: ClockSlot::default(),
            in_flight: InFlight::default(),
        }
    }

    /// Sets how many attempts at one account from one address may be wrong, and after how long one
    /// of them is forgotten. Neither is less than one, of attempts and milliseconds. Clones made
    /// before keep their own setting; servers that share a Redis have the same.
    #[must_use]
    pub fn per_account_and_address(mut self, attempts: u32, forgotten_after: Duration) -> Self {
        self.settings.budgets[0] = Budget::new(attempts, forgotten_after);
        self
    }

    /// The same of one account from all addresses where it is unknown.
    #[must_use]
    pub fn per_account(mut self, attempts: u32, forgotten_after: Duration) -> Self {
        self.settings.budgets[1] = Budget::new(attempts, forgotten_after);
        self
    }

    /// The same of one address and all accounts that are unknown there.
    #[must_use]
    pub fn per_address(mut self, attempts: u32, forgotten_after: Duration) -> Self {
        self.settings.budgets[2] = Budget::new(attempts, forgotten_after);
        self
    }

    /// Sets how many leading bits of an address are counted as one. The default is 32 of IPv4 and
    /// 56 of IPv6.
    #[must_use]
    pub fn address_blocks(mut self, ipv4_bits: u8, ipv6_bits: u8) -> Self {
        self.settings.ipv4 = ipv4_bits;
        self.settings.ipv6 = ipv6_bits;
        self
    }

    /// Sets the clock. The default is that of the [configuration](crate::AuthBuilder::clock) that
    /// uses it; on a Redis, it is always that of the Redis.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = ClockSlot::set(Clock::new(clock));
        self
    }

    pub(crate) fn use_clock(&self, clock: &Clock) {
        self.clock.hand(clock);
    }

    /// Lets `verification` run, if this account may be tried from this address, and counts it where
    /// it does not answer `Some`: for a verifier that finds the account itself. Its address is
    /// [`Credentials::client_address`](crate::http::Credentials::client_address).
    ///
    /// # Errors
    ///
    /// [`VerifyError::too_many`] where the account may not be tried now, and
    /// [`VerifyError::unavailable`] where it cannot be told; what `verification` answers otherwise.
    pub async fn attempt<T>(
        &self,
        address: Option<IpAddr>,
        account: &str,
        verification: impl Future<Output = Result<Option<T>, VerifyError>>,
    ) -> Result<Option<T>, VerifyError> {
        let ending = |outcome: &Result<Option<T>, VerifyError>| match outcome {
            Ok(Some(_)) => Ending::Right,
            Err(error) if error.is_unavailable() => Ending::Unknown,
            Ok(None) | Err(_) => Ending::Wrong,
        };
        self.watch(address, account, verification, ending).await?
    }

    /// The same around a verification with outcomes of its own.
    pub(crate) async fn watch<O>(
        &self,
        address: Option<IpAddr>,
        account: &str,
        verification: impl Future<Output = O>,
        ending: impl FnOnce(&O) -> Ending,
    ) -> Result<O, VerifyError> {
        let keys = Keys::of(account, address, self.settings.ipv4, self.settings.ipv6);
        let attempt = self.begin(keys).await?;
        let outcome = verification.await;
        attempt.end(ending(&outcome)).await;
        Ok(outcome)
    }

    async fn begin(&self, keys: Keys) -> Result<Attempt<'_>, VerifyError> {
        loop {
            // Before the store is asked: an attempt that ends in the meantime is not missed.
            let ends = keys.places().map(|place| self.in_flight.ends_of(place));
            match self.take(&keys).await? {
                Taken::In(places) => {
                    let flight = self.in_flight.begin(keys.places().into_iter().take(places));
                    return Ok(Attempt {
                        limiter: self,
                        keys,
                        places,
                        _flight: flight,
                    });
                }
                Taken::Full(place, wait) => match self.end_at(&keys, place, ends) {
                    Some(mut end) => end.wait().await,
                    // Rounded up: a client that comes when it is told is not too early.
                    None => {
                        let seconds = wait.as_millis().div_ceil(1000).max(1);
                        let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
                        return Err(VerifyError::too_many(Duration::from_secs(seconds)));
                    }
                },
            }
        }
    }

    /// The next end of an attempt at this place: of one that was there before the store was asked,
    /// or that the store let in before it refused this one.
    fn end_at(&self, keys: &Keys, place: usize, before: [Option<NextEnd>; 3]) -> Option<NextEnd> {
        let before = before.into_iter().nth(place).flatten();
        before.or_else(|| self.in_flight.ends_of(keys.places().get(place)?))
    }

    async fn take(&self, keys: &Keys) -> Result<Taken, VerifyError> {
        let budgets = &self.settings.budgets;
        match &self.store {
            Store::Memory(store) => Ok(store.take(keys, budgets, self.clock.now())),
            #[cfg(feature = "redis")]
            Store::Redis(store) => store
                .take(keys, budgets, self.clock.now())
                .await
                .map_err(|error| VerifyError::unavailable().because(error)),
        }
    }
}

/// The URL of a Redis cannot be used. It is not repeated here, for it may hold a password.
#[cfg(feature = "redis")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidRedisUrl;

#[cfg(feature = "redis")]
impl fmt::Display for InvalidRedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the Redis URL of the attempt limiter cannot be used")
    }
}

#[cfg(feature = "redis")]
impl std::error::Error for InvalidRedisUrl {}

/// An attempt that counts. Dropped without an ending, it goes on counting.
struct Attempt<'a> {
    limiter: &'a AttemptLimiter,
    keys: Keys,
    places: usize,
    _flight: Flight,
}

impl Attempt<'_> {
    async fn end(self, ending: Ending) {
        let is_right = match ending {
            Ending::Wrong => return,
            Ending::Right => true,
            Ending::Unknown => false,
        };
        let (keys, places) = (&self.keys, self.places);
        let limiter = self.limiter;
        let budgets = &limiter.settings.budgets;
        match &limiter.store {
            Store::Memory(store) => {
                store.give_back(keys, places, budgets, is_right, limiter.clock.now());
            }
            #[cfg(feature = "redis")]
            Store::Redis(store) => {
                let now = limiter.clock.now();
                // What it could not take out goes on counting, and is forgotten as wrong ones are.
                if let Err(error) = store.give_back(keys, places, budgets, is_right, now).await {
                    tracing::warn!(target: "auth_runtime", error, "an attempt goes on counting");
                }
            }
        }
    }
}

impl fmt::Debug for AttemptLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttemptLimiter")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
