//! Attempts in the memory of one process.

use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use quick_cache::unsync::Cache;

use super::budget::{Budget, KNOWN_FOR, Key, Keys, Taken};

/// How many places are remembered, and how many accounts at their addresses: each takes about 150
/// bytes.
const CAPACITY: usize = 65_536;

/// What is full loses what was not asked for lately. Who succeeds and who fails do not drive each
/// other out.
pub(super) struct MemoryStore(Mutex<Held>);

struct Held {
    /// When all that counts at a place will be forgotten.
    places: Cache<Key, SystemTime>,
    /// Until when an account is known at an address.
    known: Cache<Key, SystemTime>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self(Mutex::new(Held {
            places: Cache::new(CAPACITY),
            known: Cache::new(CAPACITY),
        }))
    }
}

impl MemoryStore {
    pub(super) fn take(&self, keys: &Keys, budgets: &[Budget; 3], now: SystemTime) -> Taken {
        self.with(|held| {
            let is_known = held
                .known
                .get(&keys.known)
                .is_some_and(|until| now < *until);
            let count = if is_known { 1 } else { budgets.len() };
            let mut counted = Vec::with_capacity(count);
            let places = keys.places().into_iter().zip(budgets).take(count);
            for (number, (key, budget)) in places.enumerate() {
                match budget.add(held.places.get(key).copied(), now) {
                    Ok(empty_at) => counted.push((*key, empty_at)),
                    Err(wait) => return Taken::Full(number, wait),
                }
            }
            for (key, empty_at) in counted {
                held.places.insert(key, empty_at);
            }
            Taken::In(count)
        })
    }

    pub(super) fn give_back(
        &self,
        keys: &Keys,
        count: usize,
        budgets: &[Budget; 3],
        is_right: bool,
        now: SystemTime,
    ) {
        self.with(|held| {
            for (key, budget) in keys.places().into_iter().zip(budgets).take(count) {
                match budget.remove(held.places.get(key).copied(), now) {
                    Some(empty_at) => held.places.insert(*key, empty_at),
                    None => _ = held.places.remove(key),
                }
            }
            if is_right && let Some(until) = now.checked_add(KNOWN_FOR) {
                held.known.insert(keys.known, until);
            }
        });
    }

    fn with<T>(&self, change: impl FnOnce(&mut Held) -> T) -> T {
        // A panic in between leaves one attempt more or less.
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn memory_is_bounded_and_a_flood_does_not_reset_what_is_under_attack() {
        let store = MemoryStore::default();
        let budgets = [Budget::new(10, Duration::from_secs(300)); 3];
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let target = Keys::of("ada", Some([203, 0, 113, 7].into()), 32, 56);
        for _ in 0..10 {
            assert_eq!(store.take(&target, &budgets, now), Taken::In(3));
        }
        for number in 0..300_000_u32 {
            let address = std::net::Ipv4Addr::from_bits(number);
            let flood = Keys::of(&number.to_string(), Some(address.into()), 32, 56);
            _ = store.take(&flood, &budgets, now);
            if number % 1000 == 0 {
                let taken = store.take(&target, &budgets, now);
                assert!(matches!(taken, Taken::Full(0, _)), "{number}");
            }
        }
        store.with(|held| assert!(held.places.len() <= CAPACITY));
    }
}
