//! Revocations in the memory of one process.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::{RevocationError, RevocationKey, RevocationStore};

/// Remembers revocations in this process, and forgets them when the tokens have expired. About
/// 100 bytes each.
#[derive(Clone, Default)]
pub struct MemoryRevocations {
    keys: Arc<Mutex<Keys>>,
    #[cfg(feature = "session")]
    pub(super) sessions: super::session_list::MemoryIndex,
}

#[derive(Default)]
struct Keys {
    by_key: HashMap<RevocationKey, Revoked>,
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
    fn keys(&self) -> MutexGuard<'_, Keys> {
        // Nothing panics while it is held.
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RevocationStore for MemoryRevocations {
    async fn find(
        &self,
        keys: &[RevocationKey],
        now: SystemTime,
    ) -> Result<Vec<Option<SystemTime>>, RevocationError> {
        let held = self.keys();
        let find = |key| held.by_key.get(key).filter(|held| now < held.until);
        Ok(keys
            .iter()
            .map(|key| find(key).map(|held| held.at))
            .collect())
    }

    async fn revoke(
        &self,
        key: RevocationKey,
        now: SystemTime,
        until: SystemTime,
    ) -> Result<(), RevocationError> {
        let mut held = self.keys();
        let entry = held.by_key.entry(key);
        let revoked = entry.or_insert(Revoked { at: now, until });
        revoked.at = revoked.at.max(now);
        revoked.until = revoked.until.max(until);
        if held.by_key.len() > held.sweep_at.max(SWEEP_FROM) {
            held.by_key.retain(|_, held| now < held.until);
            held.sweep_at = held.by_key.len().saturating_mul(2);
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
        let key = |number: u64| RevocationKey::id("", &number.to_string());
        for number in 0..10_000 {
            let revoked = store.revoke(key(number), at(number), at(number + 10));
            revoked.now_or_never().unwrap().unwrap();
        }
        assert!(store.keys().by_key.len() <= SWEEP_FROM + 1);
        let find = |number, now| {
            let found = store.find(&[key(number)], at(now)).now_or_never();
            found.unwrap().unwrap()[0]
        };
        assert_eq!(find(9_999, 10_008), Some(at(9_999)));
        assert_eq!(find(9_999, 10_009), None);
        assert_eq!(find(9_990, 9_999), Some(at(9_990)));
    }

    #[test]
    fn the_later_instant_and_the_later_end_count() {
        let store = MemoryRevocations::default();
        let key = RevocationKey::subject("", "ada");
        for (now, until) in [(10, 100), (20, 50)] {
            let revoked = store.revoke(key, at(now), at(until));
            revoked.now_or_never().unwrap().unwrap();
        }
        let found = store.find(&[key], at(99)).now_or_never();
        assert_eq!(found.unwrap().unwrap(), [Some(at(20))]);
    }
}
