//! What was not revoked a moment ago.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crate::oauth::cache::{Cache, Digest};

/// Room for about this many tokens.
const TOKENS: usize = 10_000;

/// About what one takes, in bytes.
const SIZE: usize = 160;

/// Tokens that were found not to be revoked, and when.
#[derive(Debug)]
pub(super) struct Recent {
    interval: Duration,
    found: Cache<Found>,
    /// Counts the revocations of this server: what was found before one is asked again.
    generation: AtomicU64,
}

#[derive(Clone)]
struct Found {
    at: SystemTime,
    generation: u64,
}

impl Recent {
    /// What was found is believed for this long.
    pub(super) fn new(interval: Duration) -> Self {
        let tokens = if interval.is_zero() { 0 } else { TOKENS };
        Self {
            interval,
            found: Cache::new(tokens * SIZE),
            generation: AtomicU64::new(0),
        }
    }

    pub(super) fn has(&self, token: &Digest, now: SystemTime) -> bool {
        self.found.get(token).is_some_and(|found| {
            found.generation == self.generation()
                // A clock that was set back does not make it last longer.
                && now.duration_since(found.at).is_ok_and(|age| age < self.interval)
        })
    }

    /// To be read before the store is asked.
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Notes what the store said when it was asked in this generation.
    pub(super) fn note(&self, token: Digest, at: SystemTime, generation: u64) {
        self.found.put(token, Found { at, generation }, SIZE);
    }

    pub(super) fn forget_all(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }
}
