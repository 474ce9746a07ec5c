//! What was not revoked a moment ago.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::Mark;

/// At most this many tokens; what is full starts anew.
const MOST: usize = 10_000;

/// Tokens that were found not to be revoked, and when.
#[derive(Default)]
pub(super) struct Recent(Mutex<Found>);

#[derive(Default)]
struct Found {
    at: HashMap<Mark, SystemTime>,
    /// Counts the revocations of this server.
    generation: u64,
}

impl Recent {
    pub(super) fn has(&self, mark: &Mark, now: SystemTime, interval: Duration) -> bool {
        !interval.is_zero()
            && self.found().at.get(mark).is_some_and(|at| {
                // A clock that was set back does not make it last longer.
                now.duration_since(*at).is_ok_and(|age| age < interval)
            })
    }

    /// To be read before the store is asked.
    pub(super) fn generation(&self) -> u64 {
        self.found().generation
    }

    /// Notes what the store said, unless this server has revoked something since it was asked.
    pub(super) fn note(&self, mark: Mark, now: SystemTime, generation: u64, interval: Duration) {
        let mut found = self.found();
        if interval.is_zero() || found.generation != generation {
            return;
        }
        if found.at.len() >= MOST {
            found.at.clear();
        }
        found.at.insert(mark, now);
    }

    pub(super) fn clear(&self) {
        let mut found = self.found();
        found.at.clear();
        found.generation = found.generation.wrapping_add(1);
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
