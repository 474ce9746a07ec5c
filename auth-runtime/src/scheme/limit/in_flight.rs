//! The attempts that are being verified in this process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch::{Receiver, Sender};

use super::budget::Key;

/// As many entries as there are attempts that are being verified.
#[derive(Clone, Default)]
pub(super) struct InFlight(Arc<Mutex<HashMap<Key, Place>>>);

struct Place {
    attempts: usize,
    /// Changes whenever one of them ends.
    ended: Sender<()>,
}

/// More than this many do not wait for one place: a page loads fewer resources at once.
const MAX_WAITING: usize = 256;

/// The end of the next attempt at a place.
pub(super) struct NextEnd(Receiver<()>);

impl NextEnd {
    pub(super) async fn wait(&mut self) {
        // An error says that the last one has ended.
        _ = self.0.changed().await;
    }
}

impl InFlight {
    fn places(&self) -> MutexGuard<'_, HashMap<Key, Place>> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None` where no attempt is being verified, or too many wait for one.
    pub(super) fn ends_of(&self, key: &Key) -> Option<NextEnd> {
        let places = self.places();
        let ended = &places.get(key)?.ended;
        (ended.receiver_count() < MAX_WAITING).then(|| NextEnd(ended.subscribe()))
    }

    /// Notes an attempt at these places, until the flight is dropped.
    pub(super) fn begin<'a>(&self, keys: impl Iterator<Item = &'a Key>) -> Flight {
        let keys: Vec<Key> = keys.copied().collect();
        let mut places = self.places();
        for key in &keys {
            let place = places.entry(*key).or_insert_with(|| Place {
                attempts: 0,
                ended: Sender::new(()),
            });
            place.attempts += 1;
        }
        drop(places);
        Flight {
            in_flight: self.clone(),
            keys,
        }
    }
}

pub(super) struct Flight {
    in_flight: InFlight,
    keys: Vec<Key>,
}

impl Drop for Flight {
    fn drop(&mut self) {
        let mut places = self.in_flight.places();
        for key in &self.keys {
            let Some(place) = places.get_mut(key) else {
                continue;
            };
            place.attempts = place.attempts.saturating_sub(1);
            if place.attempts == 0 {
                places.remove(key);
            } else {
                place.ended.send_replace(());
            }
        }
    }
}
