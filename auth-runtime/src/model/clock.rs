//! The time, for everything that depends on it.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

/// Tells the time: the system's by default, or that of a function, as in a test.
///
/// [`AuthBuilder::clock`](crate::AuthBuilder::clock) sets the one that a configuration hands to its
/// schemes, and they to their verifiers, caches and revocations.
#[derive(Clone, Default)]
pub struct Clock(Option<Arc<dyn Fn() -> SystemTime + Send + Sync>>);

impl Clock {
    /// A clock that asks this function.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(now)))
    }

    /// The time by this clock.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.0.as_ref().map_or_else(SystemTime::now, |now| now())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() {
            "Clock(..)"
        } else {
            "Clock(system)"
        })
    }
}

/// The clock of one verifier: the one that its builder set, or else that of the first configuration
/// that uses it. Until then, the system's. A clone is the same slot.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClockSlot(Arc<OnceLock<Clock>>);

impl ClockSlot {
    pub(crate) fn set(clock: Clock) -> Self {
        Self(Arc::new(OnceLock::from(clock)))
    }

    pub(crate) fn hand(&self, clock: &Clock) {
        self.0.get_or_init(|| clock.clone());
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.0.get().map_or_else(SystemTime::now, Clock::now)
    }
}
