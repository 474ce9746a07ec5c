//! Making a decision and carrying it out.

pub(crate) mod event;
pub(crate) mod guard;
pub(crate) mod identity;
#[cfg(feature = "testing")]
pub(crate) mod impersonation;
pub(crate) mod named;
#[cfg(feature = "sweep")]
pub(crate) mod probe;
pub mod proof;
pub(crate) mod secured;
pub(crate) mod time_limit;
