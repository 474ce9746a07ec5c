//! What an operator should know, said once.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Which mistakes of the configuration the log has been told of. Each would be told again for every
/// token.
#[derive(Debug, Default)]
pub(super) struct WarnOnce(Mutex<BTreeSet<&'static str>>);

impl WarnOnce {
    /// Whether this has been said before.
    #[cfg(feature = "jwt")]
    pub(super) fn has(&self, what: &'static str) -> bool {
        let said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        said.contains(what)
    }

    /// Whether this has not been said before: from now on it has.
    pub(super) fn is_new(&self, what: &'static str) -> bool {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        said.insert(what)
    }
}
