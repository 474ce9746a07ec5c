//! What a handler takes of a decision, as arguments.

pub(crate) mod authenticated;
pub(crate) mod authorized;
#[cfg(feature = "session")]
pub(crate) mod caller_session;
#[cfg(feature = "session")]
pub(crate) mod csrf;
pub(crate) mod until_revoked;
