//! Testing an application: requests of any principal, assertions, and the sweep over all routes.

#[cfg(feature = "testing")]
mod assertions;
#[cfg(all(feature = "testing", feature = "jwt"))]
mod issuer;
#[cfg(feature = "testing")]
mod kit;
#[cfg(feature = "sweep")]
pub mod sweep;

#[cfg(feature = "testing")]
pub use self::kit::*;
