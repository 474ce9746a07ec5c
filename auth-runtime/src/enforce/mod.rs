//! Making a decision and carrying it out.

pub(crate) mod ask;
pub(crate) mod authenticate;
pub(crate) mod check;
pub(crate) mod decide;
pub(crate) mod event;
pub(crate) mod guarded;
#[cfg(any(feature = "testing", feature = "sweep"))]
pub(crate) mod kit;
pub(crate) mod named;
pub(crate) mod policy;
pub(crate) mod questions;
pub(crate) mod registration;
pub(crate) mod rule;
pub(crate) mod secured;
pub(crate) mod time_limit;
