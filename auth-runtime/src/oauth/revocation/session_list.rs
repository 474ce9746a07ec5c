//! The sessions of one process, by subject.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::RevocationKey;

/// The sessions of this process.
#[derive(Clone, Default)]
pub(super) struct MemoryIndex(Arc<Mutex<Sessions>>);

#[derive(Default)]
pub(super) struct Sessions {
    pub(super) by_subject: HashMap<RevocationKey, HashMap<String, Entry>>,
    pub(super) count: usize,
    /// How many there may be before those that have expired are looked for.
    sweep_at: usize,
}

pub(super) struct Entry {
    pub(super) text: String,
    pub(super) until: SystemTime,
}

/// Below this many nothing is swept.
const SWEEP_FROM: usize = 1024;

impl MemoryIndex {
    pub(super) fn sessions(&self) -> MutexGuard<'_, Sessions> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sessions {
    pub(super) fn sweep(&mut self, now: SystemTime) {
        if self.count <= self.sweep_at.max(SWEEP_FROM) {
            return;
        }
        self.by_subject.retain(|_, sessions| {
            sessions.retain(|_, entry| now < entry.until);
            !sessions.is_empty()
        });
        self.count = self.by_subject.values().map(HashMap::len).sum();
        self.sweep_at = self.count.saturating_mul(2);
    }
}

impl fmt::Debug for MemoryIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryIndex").finish_non_exhaustive()
    }
}
