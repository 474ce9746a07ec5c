//! Reviewing access: the matrix of all handlers, the access lock, and OpenAPI.

#[cfg(feature = "utoipa")]
pub mod openapi;
pub(crate) mod registry;

pub use self::registry::*;
