//! Middleware that stands around handlers.

pub(crate) mod keep_private;
pub(crate) mod routed;
pub(crate) mod same_origin;
#[cfg(feature = "session")]
pub(crate) mod session;
pub(crate) mod unprotected;
