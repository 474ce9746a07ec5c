//! What the test kits do to a decision.

#[cfg(feature = "testing")]
pub(crate) mod impersonation;
#[cfg(feature = "sweep")]
pub(crate) mod probe;
