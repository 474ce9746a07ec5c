//! Revocations in the memory of one process.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::{Mark, RevocationError, RevocationStore};

/// Remembers revocations in this process, and forgets them when the tokens have expired. About
/// 100 bytes each.
#[derive(Clone, Default)]
pub struct MemoryRevocations {
    marks: Arc<Mutex<Marks>>,
    #[cfg(feature = "session")]
    pub(super) sessions: super::session_index::MemoryIndex,
}

#[derive(Default)]
struct Marks {
    by_mark: HashMap<Mark, Revoked>,
    /// How many there may be before those that have expired are looked for.
    sweep_at: usize,
}

#[derive(Clone, Copy)]
struct Revoked {
    at: SystemTime,
    until: SystemTime,
}

/// Below this many nothing is swept.
const SWEEP_FROM: usize = 1024;

impl MemoryRevocations {
    fn marks(&self) -> MutexGuard<'_, Marks> {
        // Nothing panics while it is held.
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RevocationStore for MemoryRevocations {
    async fn find(
        &self,
        marks: &[Mark],
        now: SystemTime,
    ) -> Result<Vec<Option<SystemTime>>, RevocationError> {
        let held = self.marks();
        let find = |mark| held.by_mark.get(mark).filter(|held| now < held.until);
        Ok(marks
            .iter()
            .map(|mark| find(mark).map(|held| held.at))
            .collect())
    }

    async fn revoke(
        &self,
        mark: Mark,
        now: SystemTime,
        until: SystemTime,
    ) -> Result<(), RevocationError> {
        let mut held = self.marks();
        let entry = held.by_mark.entry(mark);
        let revoked = entry.or_insert(Revoked { at: now, until });
        revoked.at = revoked.at.max(now);
        revoked.until = revoked.until.max(until);
        if held.by_mark.len() > held.sweep_at.max(SWEEP_FROM) {
            held.by_mark.retain(|_, held| now < held.until);
            held.sweep_at = held.by_mark.len().saturating_mul(2);
        }
        Ok(())
    }
}

impl fmt::Debug for MemoryRevocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryRevocations").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt as _;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn what_has_expired_is_swept_and_what_has_not_is_kept() {
        let store = MemoryRevocations::default();
        let mark = |number: u64| Mark::id("", &number.to_string());
        for number in 0..10_000 {
            let revoked = store.revoke(mark(number), at(number), at(number + 10));
            revoked.now_or_never().unwrap().unwrap();
        }
        assert!(store.marks().by_mark.len() <= SWEEP_FROM + 1);
        let find = |number, now| {
            let found = store.find(&[mark(number)], at(now)).now_or_never();
            found.unwrap().unwrap()[0]
        };
        assert_eq!(find(9_999, 10_008), Some(at(9_999)));
        assert_eq!(find(9_999, 10_009), None);
        assert_eq!(find(9_990, 9_999), Some(at(9_990)));
    }

    #[test]
    fn the_later_instant_and_the_later_end_count() {
        let store = MemoryRevocations::default();
        let mark = Mark::subject("", "ada");
        for (now, until) in [(10, 100), (20, 50)] {
            let revoked = store.revoke(mark, at(now), at(until));
            revoked.now_or_never().unwrap().unwrap();
        }
        let found = store.find(&[mark], at(99)).now_or_never();
        assert_eq!(found.unwrap().unwrap(), [Some(at(20))]);
    }
}
