//! Where revocations are remembered.

use std::fmt;
use std::future::Future;
use std::time::SystemTime;

use super::Mark;

/// Remembers what was revoked. Implement it for a store that all servers of an app share.
///
/// It must not forget before the time: a store that evicts when memory is short lets revoked
/// tokens in again.
pub trait RevocationStore: Send + Sync + 'static {
    /// When each of `marks` was revoked, in their order; `None` for one that was not.
    ///
    /// # Errors
    ///
    /// [`RevocationError`] where it cannot be told.
    fn find(
        &self,
        marks: &[Mark],
        now: SystemTime,
    ) -> impl Future<Output = Result<Vec<Option<SystemTime>>, RevocationError>>;

    /// Remembers until `until`, at least, that `mark` was revoked at `now`. Of two revocations of
    /// one mark the later instant and the later end count.
    ///
    /// # Errors
    ///
    /// [`RevocationError`] where it was not remembered.
    fn revoke(
        &self,
        mark: Mark,
        now: SystemTime,
        until: SystemTime,
    ) -> impl Future<Output = Result<(), RevocationError>>;
}

/// A store of revocations did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationError(String);

impl RevocationError {
    /// Says why, for the log. Not to hold a secret.
    pub fn new(because: impl fmt::Display) -> Self {
        Self(because.to_string())
    }
}

impl fmt::Display for RevocationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store of revocations: {}", self.0)
    }
}

impl std::error::Error for RevocationError {}
