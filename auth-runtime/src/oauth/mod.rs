//! OAuth 2.0 resource servers: signed and opaque tokens, revocation, resource metadata.

mod cache;
#[cfg(feature = "introspection")]
pub mod introspection;
#[cfg(feature = "jwt")]
pub mod jwt;
pub mod revocation;

pub use crate::config::ResourceMetadataService;
pub use crate::http::resource_metadata::{ResourceMetadata, ResourceMetadataError};
