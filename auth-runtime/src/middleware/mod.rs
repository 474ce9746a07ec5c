//! Middleware that stands around handlers.

pub(crate) mod keep_private;
pub(crate) mod routed;
pub(crate) mod undecided;
