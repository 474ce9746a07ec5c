//! Accepted answers, for a while.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};

use crate::model::principal::Principal;
use crate::model::secret::Secret;

/// The SHA-256 of a token: nobody can make two tokens of one digest, nor a token from it.
pub(super) type Key = [u8; 32];

/// Bounded in number and time. What is full loses its oldest entry.
pub(super) struct Cache {
    longest: Duration,
    capacity: usize,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    by_token: HashMap<Key, Entry>,
    /// The keys of `by_token`, oldest first, each once.
    oldest_first: VecDeque<Key>,
}

struct Entry {
    principal: Principal,
    since: SystemTime,
    until: SystemTime,
}

impl Cache {
    pub(super) fn new(longest: Duration, capacity: usize) -> Self {
        Self {
            longest,
            capacity,
            entries: Mutex::default(),
        }
    }

    pub(super) fn get(&self, key: &Key, now: SystemTime) -> Option<Principal> {
        if self.is_off() {
            return None;
        }
        let entries = self.entries();
        let entry = entries.by_token.get(key)?;
        // A clock that was set back does not make an answer last longer.
        (entry.since <= now && now < entry.until).then(|| entry.principal.clone())
    }

    pub(super) fn put(&self, key: Key, principal: &Principal, now: SystemTime) {
        let Some(bound) = now.checked_add(self.longest).filter(|_| !self.is_off()) else {
            return;
        };
        // RFC 7662 §4: "the response MUST NOT be cached beyond" the expiration of the token.
        let until = principal.expires_at().map_or(bound, |exp| exp.min(bound));
        if until <= now {
            return;
        }
        let entry = Entry {
            principal: principal.clone(),
            since: now,
            until,
        };
        let mut entries = self.entries();
        if entries.by_token.insert(key, entry).is_none() {
            entries.oldest_first.push_back(key);
            if entries.oldest_first.len() > self.capacity
                && let Some(oldest) = entries.oldest_first.pop_front()
            {
                entries.by_token.remove(&oldest);
            }
        }
    }

    pub(super) fn remove(&self, key: &Key) {
        let mut entries = self.entries();
        if entries.by_token.remove(key).is_some() {
            entries.oldest_first.retain(|held| held != key);
        }
    }

    fn is_off(&self) -> bool {
        self.capacity == 0 || self.longest.is_zero()
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        // Nothing panics while it is held.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn key(token: &Secret<'_>) -> Key {
    Sha256::digest(token.expose().as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn ada() -> Principal {
        Principal::new("ada")
    }

    #[test]
    fn an_answer_is_kept_up_to_the_bound_and_never_past_exp() {
        let cache = Cache::new(Duration::from_secs(30), 10);
        let (long, short) = (key(&Secret::new("long")), key(&Secret::new("short")));
        cache.put(long, &ada().with_expires_at(at(1000)), at(100));
        cache.put(short, &ada().with_expires_at(at(110)), at(100));
        assert!(cache.get(&long, at(129)).is_some() && cache.get(&short, at(109)).is_some());
        assert!(cache.get(&long, at(130)).is_none() && cache.get(&short, at(110)).is_none());
        assert!(cache.get(&long, at(99)).is_none(), "the clock was set back");
        assert!(cache.get(&key(&Secret::new("LONG")), at(101)).is_none());
    }

    #[test]
    fn what_is_full_loses_its_oldest() {
        let cache = Cache::new(Duration::from_secs(30), 2);
        let tokens: Vec<_> = (0..1000)
            .map(|n| key(&Secret::new(n.to_string())))
            .collect();
        for token in &tokens {
            cache.put(*token, &ada(), at(100));
            cache.put(*token, &ada(), at(100));
        }
        let held = |token| cache.get(token, at(101)).is_some();
        assert_eq!(tokens.iter().filter(|token| held(token)).count(), 2);
        assert!(held(&tokens[999]) && held(&tokens[998]));
        assert_eq!(cache.entries().oldest_first.len(), 2);
        cache.remove(&tokens[999]);
        assert!(!held(&tokens[999]));
        assert_eq!(cache.entries().oldest_first.len(), 1);
    }

    #[test]
    fn off_is_off() {
        for cache in [
            Cache::new(Duration::ZERO, 10),
            Cache::new(Duration::from_secs(9), 0),
        ] {
            cache.put(key(&Secret::new("t")), &ada(), at(100));
            assert!(cache.get(&key(&Secret::new("t")), at(100)).is_none());
        }
    }
}
