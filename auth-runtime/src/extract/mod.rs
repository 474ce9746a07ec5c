//! What a handler takes of a decision, as arguments.

pub(crate) mod authenticated;
pub(crate) mod authorized;
pub(crate) mod until_revoked;
