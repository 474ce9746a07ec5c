//! Making a decision and carrying it out.
//!
//! [`admit`](admit::admit) takes a request and a rule: [`authenticate`] finds the caller,
//! [`decide`] decides, [`ask`] asks what that depends on, and [`finish`] ends it. [`state`] is what
//! the request remembers.

pub(crate) mod admit;
pub(crate) mod arguments;
pub(crate) mod ask;
pub(crate) mod authenticate;
pub(crate) mod caller;
pub(crate) mod check;
pub(crate) mod cross_origin;
pub(crate) mod decide;
pub(crate) mod finish;
pub(crate) mod guarded;
#[cfg(any(feature = "testing", feature = "sweep"))]
pub(crate) mod kit;
#[cfg(not(any(feature = "testing", feature = "sweep")))]
#[path = "no_kit.rs"]
mod kit;
mod login;
pub(crate) mod mount;
pub(crate) mod named;
mod navigation;
pub(crate) mod policy;
pub mod proof;
pub(crate) mod protected;
pub(crate) mod questions;
pub(crate) mod registration;
pub(crate) mod rule;
pub(crate) mod state;
pub(crate) mod time_limit;
