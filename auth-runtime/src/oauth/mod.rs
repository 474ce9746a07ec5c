//! OAuth 2.0 resource servers: signed and opaque tokens, revocation, resource metadata.

#[cfg(any(feature = "jwt", feature = "introspection"))]
mod background;
mod cache;
#[cfg(any(feature = "jwks", feature = "introspection"))]
mod http;
#[cfg(feature = "introspection")]
pub mod introspection;
#[cfg(feature = "jwt")]
pub mod jwt;
mod metadata_service;
pub mod revocation;
#[cfg(any(feature = "jwt", feature = "introspection"))]
mod single_flight;
#[cfg(any(feature = "jwt", feature = "introspection"))]
mod warn_once;

#[cfg(any(feature = "jwks", feature = "introspection"))]
pub use self::http::{HttpError, HttpSettings};
pub use self::metadata_service::ResourceMetadataService;
pub use crate::http::resource_metadata::{ResourceMetadata, ResourceMetadataError};
