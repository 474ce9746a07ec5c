//! One question for all who ask the same at the same time.

use std::collections::HashMap;
use std::hash::Hash;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, ready};
use tokio::sync::oneshot;

use super::background;
use crate::model::containment::contained;

/// A question that is on its way. It goes on when those who wait for it have gone.
pub(super) type Flight<T> = Shared<BoxFuture<'static, T>>;

/// The questions that are on their way, by what they are about.
pub(super) struct SingleFlight<K, T> {
    flying: Arc<Mutex<Flying<K, T>>>,
    longest: Duration,
}

struct Flying<K, T> {
    by_key: HashMap<K, Entry<T>>,
    /// Of the next question: no two have the same.
    number: u64,
}

struct Entry<T> {
    number: u64,
    since: Instant,
    flight: Flight<T>,
}

impl<K, T> SingleFlight<K, T>
where
    K: Copy + Eq + Hash + Send + 'static,
    T: Clone + Send + Sync + 'static,
{
    /// One that has been on its way for `longest` is not joined: it may be stuck.
    pub(super) fn new(longest: Duration) -> Self {
        Self {
            flying: Arc::new(Mutex::new(Flying {
                by_key: HashMap::new(),
                number: 0,
            })),
            longest,
        }
    }

    /// The question that is on its way, if there is one.
    #[cfg(feature = "jwt")]
    pub(super) fn current(&self, key: &K) -> Option<Flight<T>> {
        self.joinable(&lock(&self.flying), key)
    }

    /// The question about `key` that is on its way, or a new one. `keep` keeps what a new one comes
    /// to, unless it was [forgotten](Self::forget) meanwhile. Before a new one is asked, `known`
    /// says whether one that has just ended has been kept. A question that panics comes to `lost`.
    pub(super) fn join(
        &self,
        key: K,
        known: impl FnOnce() -> Option<T>,
        question: impl Future<Output = T> + Send + 'static,
        keep: impl FnOnce(&T) + Send + 'static,
        lost: T,
    ) -> Flight<T> {
        let mut flying = lock(&self.flying);
        if let Some(flight) = self.joinable(&flying, &key) {
            return flight;
        }
        if let Some(known) = known() {
            return ready(known).boxed().shared();
        }
        let number = flying.number;
        flying.number = number.wrapping_add(1);
        let (sender, receiver) = oneshot::channel();
        let otherwise = lost.clone();
        let flight = receiver
            .map(|landed| landed.unwrap_or(otherwise))
            .boxed()
            .shared();
        let entry = Entry {
            number,
            since: Instant::now(),
            flight: flight.clone(),
        };
        flying.by_key.insert(key, entry);
        let all = Arc::clone(&self.flying);
        let spawned = background::spawn(async move {
            let caught = AssertUnwindSafe(question).catch_unwind().await;
            let outcome = contained(caught).unwrap_or(lost);
            let mut flying = lock(&all);
            // Who forgets it does so before this or after, and then there is something to forget.
            if flying
                .by_key
                .get(&key)
                .is_some_and(|entry| entry.number == number)
            {
                keep(&outcome);
                flying.by_key.remove(&key);
            }
            drop(flying);
            _ = sender.send(outcome);
        });
        if let Err(error) = spawned {
            tracing::error!(target: "auth_runtime", %error, "no thread to ask the authorization server");
            flying.by_key.remove(&key);
        }
        flight
    }

    /// Lets no one join the question about `key`, and what it comes to not be kept.
    #[cfg(feature = "introspection")]
    pub(super) fn forget(&self, key: &K) {
        lock(&self.flying).by_key.remove(key);
    }

    fn joinable(&self, flying: &Flying<K, T>, key: &K) -> Option<Flight<T>> {
        let entry = flying.by_key.get(key)?;
        (entry.since.elapsed() < self.longest).then(|| entry.flight.clone())
    }
}

fn lock<T>(flying: &Mutex<T>) -> MutexGuard<'_, T> {
    // A `keep` that panics leaves the map as it was.
    flying.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::mpsc;

    use super::*;

    const LONG: Duration = Duration::from_secs(3600);

    fn join(
        flights: &SingleFlight<u8, u8>,
        question: impl Future<Output = u8> + Send + 'static,
        keep: impl FnOnce(&u8) + Send + 'static,
    ) -> Flight<u8> {
        flights.join(1, || None, question, keep, 0)
    }

    fn wait(flight: Flight<u8>) -> u8 {
        actix_web::rt::System::new().block_on(flight)
    }

    fn count(flights: &SingleFlight<u8, u8>) -> usize {
        lock(&flights.flying).by_key.len()
    }

    #[test]
    fn a_question_is_joined_goes_on_without_those_who_asked_and_leaves_nothing_behind() {
        let flights = SingleFlight::new(LONG);
        let (open, opened) = oneshot::channel();
        let (sender, kept) = mpsc::channel();
        let question = opened.map(Result::unwrap);
        let first = join(&flights, question, move |kept| sender.send(*kept).unwrap());
        let second = join(&flights, pending(), |_| {});
        assert!(first.ptr_eq(&second));
        drop(first);
        drop(second);
        open.send(7).unwrap();
        assert_eq!(kept.recv().unwrap(), 7);
        while count(&flights) > 0 {
            std::thread::yield_now();
        }
    }

    #[test]
    fn what_is_known_is_not_asked_about() {
        let flights = SingleFlight::new(LONG);
        let flight = flights.join(1, || Some(5), pending(), |_| {}, 0);
        assert_eq!((wait(flight), count(&flights)), (5, 0));
    }

    #[test]
    fn a_stuck_question_is_not_joined_and_takes_no_other_off_the_list() {
        let flights = SingleFlight::new(Duration::ZERO);
        let (open, opened) = oneshot::channel();
        let stuck = join(&flights, opened.map(Result::unwrap), |_| panic!("too late"));
        let next = join(&flights, pending(), |_| {});
        assert!(!next.ptr_eq(&stuck));
        open.send(7).unwrap();
        assert_eq!((wait(stuck), count(&flights)), (7, 1));
    }

    #[cfg(feature = "introspection")]
    #[test]
    fn what_was_forgotten_meanwhile_is_not_kept() {
        for (is_forgotten, expected) in [(false, 1), (true, 0)] {
            let flights = SingleFlight::new(LONG);
            let (open, opened) = oneshot::channel();
            let (sender, kept) = mpsc::channel();
            let flight = join(&flights, opened.map(Result::unwrap), move |_| {
                sender.send(()).unwrap();
            });
            if is_forgotten {
                flights.forget(&1);
            }
            open.send(7).unwrap();
            assert_eq!(wait(flight), 7);
            assert_eq!(kept.iter().count(), expected);
        }
    }

    #[test]
    fn a_panic_is_lost_for_all_who_wait_and_for_none_after_them() {
        let flights = SingleFlight::new(LONG);
        let first = join(&flights, async { panic!("a mistake") }, |_| {});
        let second = first.clone();
        assert_eq!((wait(first), wait(second)), (0, 0));
        assert_eq!(wait(join(&flights, ready(7), |_| {})), 7);
    }
}
