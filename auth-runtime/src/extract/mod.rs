//! What a handler takes of a decision, as arguments.

pub(crate) mod authenticated;
pub(crate) mod authorized;
#[cfg(feature = "session")]
pub(crate) mod caller_session;
pub(crate) mod until_revoked;
