//! Middleware that stands around handlers.

pub(crate) mod keep_private;
#[cfg(feature = "session")]
pub(crate) mod session;
pub(crate) mod undecided;
