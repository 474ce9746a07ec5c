//! Where revocations are remembered.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::SystemTime;

use super::RevocationKey;

/// Remembers what was revoked. Implement it for a store that all servers of an app share.
///
/// It must not forget before the time: a store that evicts when memory is short lets revoked
/// tokens in again.
pub trait RevocationStore: Send + Sync + 'static {
    /// When each of `keys` was revoked, in their order; `None` for one that was not.
    ///
    /// # Errors
    ///
    /// [`RevocationError`] where it cannot be told.
    fn find(
        &self,
        keys: &[RevocationKey],
        now: SystemTime,
    ) -> impl Future<Output = Result<Vec<Option<SystemTime>>, RevocationError>>;

    /// Remembers until `until`, at least, that `key` was revoked at `now`. Of two revocations of
    /// one key the later instant and the later end count.
    ///
    /// # Errors
    ///
    /// [`RevocationError`] where it was not remembered.
    fn revoke(
        &self,
        key: RevocationKey,
        now: SystemTime,
        until: SystemTime,
    ) -> impl Future<Output = Result<(), RevocationError>>;
}

/// A store of revocations did not do what it was asked. What it says is for the log, and is not to
/// hold a secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RevocationError {
    /// Its settings cannot be used, and why.
    Settings(&'static str),
    /// It cannot be reached, or its answer cannot be understood.
    Unavailable(String),
    /// An error of a store of the app's own.
    Store(Arc<dyn Error + Send + Sync>),
}

impl RevocationError {
    /// The error of a store of the app's own: `.map_err(RevocationError::store)`.
    pub fn store(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl fmt::Display for RevocationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store of revocations: ")?;
        match self {
            Self::Settings(because) => f.write_str(because),
            Self::Unavailable(because) => f.write_str(because),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl Error for RevocationError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Store(error) => Some(&**error),
            _ => None,
        }
    }
}
