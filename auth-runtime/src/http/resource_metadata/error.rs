//! What can be wrong with metadata.

use std::fmt;

/// What is wrong with the metadata of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResourceMetadataError {
    /// The identifier is no `https` URL without fragment (RFC 9728 §1.2), has a user, or is not
    /// written in the form that clients send; `http` is allowed on the loopback interface.
    Resource(String),
    /// There is no authorization server, so that no client could find out where to get a token.
    NoAuthorizationServer,
    /// The issuer is no `https` URL without query and fragment (RFC 8414 §2); `http` is taken on
    /// the loopback interface.
    AuthorizationServer(String),
    /// This is not one scope (RFC 6749 §3.3), or is `offline_access`, which is between the client
    /// and the authorization server.
    Scope(String),
    /// The parameter has a setting of its own, or its value has none of the form it must have.
    Parameter(String),
}

impl fmt::Display for ResourceMetadataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resource(text) => write!(
                f,
                "{text:?} is no resource identifier: write an https URL without fragment (RFC 9728 §1.2) and user, percent-encoded where needed"
            ),
            Self::NoAuthorizationServer => f.write_str(
                "the metadata of the resource names no authorization server: call `.authorization_server(\"https://...\")`",
            ),
            Self::AuthorizationServer(text) => write!(
                f,
                "{text:?} is no issuer: write an https URL without query and fragment (RFC 8414 §2)"
            ),
            Self::Scope(text) => write!(f, "{text:?} is no scope of a resource (RFC 6749 §3.3)"),
            Self::Parameter(name) => write!(
                f,
                "the metadata parameter `{name}` cannot be set to this value, or not in this way (RFC 9728 §2)"
            ),
        }
    }
}

impl std::error::Error for ResourceMetadataError {}
