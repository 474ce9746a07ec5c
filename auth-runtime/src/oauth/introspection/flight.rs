//! One question for all who ask the same at the same time.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, WeakShared};

use crate::model::containment::contained;
use crate::model::principal::Principal;
use crate::oauth::cache::Digest as Key;
use crate::scheme::VerifyError;

/// What a question came to, for all who wait for it.
pub(super) type Outcome = Result<Option<Principal>, VerifyError>;

/// A question that is on its way. Whoever waits for it drives it, so that it goes on when the one
/// who asked first has gone, and ends when all have.
pub(super) type Flight = Shared<BoxFuture<'static, Outcome>>;

/// What there is for who asks.
pub(super) enum Joined {
    Known(Principal),
    Coming(Flight),
}

/// The questions that are on their way, by token.
#[derive(Default)]
pub(super) struct Flights(Mutex<Flying>);

#[derive(Default)]
struct Flying {
    by_token: HashMap<Key, Entry>,
    /// Of the next question: no two have the same.
    number: u64,
}

struct Entry {
    number: u64,
    since: Instant,
    /// Held by those who wait for it.
    flight: WeakShared<BoxFuture<'static, Outcome>>,
}

impl Flights {
    /// The question about this token that is on its way, or a new one that asks `question`, and
    /// has `keep` keep whom it stands for, and since when, unless the token was
    /// [forgotten](Self::forget) meanwhile. Before a new one is asked, `known` says whether one
    /// that has just ended has been kept.
    ///
    /// One that has been on its way for `longest` is joined by nobody: it may be driven by a
    /// worker that is stuck.
    pub(super) fn join<Q>(
        self: &Arc<Self>,
        token: Key,
        longest: Duration,
        known: impl FnOnce() -> Option<Principal>,
        question: Q,
        keep: impl FnOnce(&Principal, SystemTime) + Send + 'static,
    ) -> Joined
    where
        Q: Future<Output = (Outcome, SystemTime)> + Send + 'static,
    {
        let mut flying = self.flying();
        let held = flying
            .by_token
            .get(&token)
            .filter(|entry| entry.since.elapsed() < longest);
        if let Some(flight) = held.and_then(|entry| entry.flight.upgrade()) {
            return Joined::Coming(flight);
        }
        if let Some(principal) = known() {
            return Joined::Known(principal);
        }
        let number = flying.number;
        flying.number = number.wrapping_add(1);
        let landing = Landing {
            flights: Arc::downgrade(self),
            token,
            number,
        };
        let flight = async move {
            let caught = AssertUnwindSafe(question).catch_unwind().await;
            let Some((outcome, now)) = contained(caught) else {
                return Err(VerifyError::unavailable().because("the verifier panicked"));
            };
            if let Ok(Some(principal)) = &outcome {
                landing.land(|| keep(principal, now));
            }
            outcome
        }
        .boxed()
        .shared();
        if let Some(weak) = flight.downgrade() {
            let entry = Entry {
                number,
                since: Instant::now(),
                flight: weak,
            };
            flying.by_token.insert(token, entry);
        }
        Joined::Coming(flight)
    }

    /// Lets nobody join the question about this token, and what it comes to not be kept.
    pub(super) fn forget(&self, token: &Key) {
        self.flying().by_token.remove(token);
    }

    fn flying(&self) -> MutexGuard<'_, Flying> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a question off the list however it ends: also where all who waited have gone.
struct Landing {
    flights: Weak<Flights>,
    token: Key,
    number: u64,
}

impl Landing {
    /// Keeps what came of it, if the question still counts. Whoever forgets the token does so
    /// before this or after, and then there is something to forget.
    fn land(&self, keep: impl FnOnce()) {
        if let Some(flights) = self.flights.upgrade() {
            let flying = flights.flying();
            if self.is_on(&flying) {
                keep();
            }
        }
    }

    fn is_on(&self, flying: &Flying) -> bool {
        let entry = flying.by_token.get(&self.token);
        entry.is_some_and(|entry| entry.number == self.number)
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        if let Some(flights) = self.flights.upgrade() {
            let mut flying = flights.flying();
            if self.is_on(&flying) {
                flying.by_token.remove(&self.token);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    const LONG: Duration = Duration::from_secs(3600);
    const TOKEN: Key = [1; 32];

    fn join_for(
        flights: &Arc<Flights>,
        longest: Duration,
        question: impl Future<Output = Outcome> + Send + 'static,
        keep: impl FnOnce(&Principal, SystemTime) + Send + 'static,
    ) -> Flight {
        let question = question.map(|outcome| (outcome, SystemTime::UNIX_EPOCH));
        match flights.join(TOKEN, longest, || None, question, keep) {
            Joined::Coming(flight) => flight,
            Joined::Known(_) => panic!("nobody is known"),
        }
    }

    fn join(
        flights: &Arc<Flights>,
        question: impl Future<Output = Outcome> + Send + 'static,
    ) -> Flight {
        join_for(flights, LONG, question, |_, _| {})
    }

    fn count(flights: &Flights) -> usize {
        flights.flying().by_token.len()
    }

    #[test]
    fn a_question_is_joined_while_somebody_waits_and_leaves_nothing_behind() {
        let flights = Arc::new(Flights::default());
        let first = join(&flights, pending());
        let second = join(&flights, ready(Ok(None)));
        assert!(first.ptr_eq(&second));
        assert_eq!(count(&flights), 1);
        drop(first);
        assert_eq!(count(&flights), 1);
        assert!(second.clone().now_or_never().is_none());
        drop(second);
        assert_eq!(count(&flights), 0);
        // One that nobody ever waited for, and one that is over.
        drop(join(&flights, pending()));
        assert_eq!(count(&flights), 0);
        let over = join(&flights, ready(Ok(None)));
        assert!(matches!(over.clone().now_or_never(), Some(Ok(None))));
        assert_eq!(count(&flights), 0);
    }

    #[test]
    fn a_stuck_question_is_joined_by_nobody_and_takes_no_other_off_the_list() {
        let flights = Arc::new(Flights::default());
        let stuck = join(&flights, pending());
        let next = join_for(&flights, Duration::ZERO, pending(), |_, _| {});
        assert!(!next.ptr_eq(&stuck));
        drop(stuck);
        assert_eq!(count(&flights), 1);
        drop(next);
        assert_eq!(count(&flights), 0);
    }

    #[test]
    fn who_was_found_a_moment_ago_is_not_asked_about() {
        let flights = Arc::new(Flights::default());
        let known = || Some(Principal::new("ada"));
        let joined = flights.join(TOKEN, LONG, known, pending(), |_, _| {});
        assert!(matches!(joined, Joined::Known(_)));
        assert_eq!(count(&flights), 0);
    }

    #[test]
    fn what_was_forgotten_meanwhile_is_not_kept() {
        let flights = Arc::new(Flights::default());
        for (is_forgotten, kept) in [(false, 1), (true, 0)] {
            let (sender, receiver) = std::sync::mpsc::channel();
            let keep = move |_: &Principal, _| sender.send(()).unwrap();
            let ada = ready(Ok(Some(Principal::new("ada"))));
            let flight = join_for(&flights, LONG, ada, keep);
            if is_forgotten {
                flights.forget(&TOKEN);
            }
            assert!(flight.now_or_never().is_some());
            assert_eq!(receiver.iter().count(), kept);
            assert_eq!(count(&flights), 0);
        }
    }

    #[test]
    fn a_panic_is_an_outage_for_all_who_wait() {
        let flights = Arc::new(Flights::default());
        let first = join(&flights, async { panic!("the app's own mapping") });
        let second = first.clone();
        for flight in [first, second] {
            assert!(flight.now_or_never().unwrap().is_err());
        }
        assert_eq!(count(&flights), 0);
    }
}
