//! What can be wrong with a configuration.

use std::fmt;

use crate::http::challenge::{ChallengeError, RealmError};
use crate::http::resource_metadata::ResourceMetadataError;
use crate::model::scope::ScopeHierarchyError;

/// What is wrong with a configuration.
///
/// `Debug` says it in words, as `Display` does: a `main` that returns the error prints it so.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigurationError {
    /// There is no realm.
    NoRealm,
    /// The realm cannot be written so that every client reads it.
    Realm(RealmError),
    /// No authentication scheme is configured.
    NoScheme,
    /// Two schemes have this name.
    DuplicateScheme(&'static str),
    /// The settings of the scheme of this name are invalid, for this reason.
    Scheme(&'static str, String),
    /// The challenge of the scheme of this name cannot be written.
    Challenge(&'static str, ChallengeError),
    /// The order of challenges names a scheme that is not configured.
    UnknownScheme(String),
    /// This is not a network prefix.
    Network(String),
    /// The time limit is zero: every verification would be given up.
    TimeLimit,
    /// The metadata of the protected resource cannot be published.
    ResourceMetadata(ResourceMetadataError),
    /// This is not an origin: `scheme://host`, with a port where it is not the usual one.
    Origin(String),
    /// This is not a path of a login page, or the page for a step-up is set without one.
    LoginPage(String),
    /// The scopes that imply others do not form a hierarchy.
    ScopeHierarchy(ScopeHierarchyError),
}

impl fmt::Debug for ConfigurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ConfigurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRealm => f.write_str("no realm: call `.realm(\"...\")`"),
            Self::Realm(error) => error.fmt(f),
            Self::NoScheme => f.write_str(
                "no authentication scheme configured: call `.scheme(Bearer::new(..))` or another",
            ),
            Self::DuplicateScheme(name) => write!(f, "two schemes are named `{name}`"),
            Self::Scheme(name, problem) => write!(f, "scheme `{name}`: {problem}"),
            Self::Challenge(name, error) => write!(f, "scheme `{name}`: {error}"),
            Self::UnknownScheme(name) => {
                write!(
                    f,
                    "the order of challenges names `{name}`, which is not a configured scheme"
                )
            }
            Self::Network(text) => crate::http::network::NetworkError(text.clone()).fmt(f),
            Self::TimeLimit => f.write_str("the time limit is zero"),
            Self::ResourceMetadata(error) => error.fmt(f),
            Self::Origin(text) => write!(
                f,
                "`{text}` is not an origin: write it as `https://app.example.com`, without a path"
            ),
            Self::LoginPage(text) => write!(
                f,
                "`{text}` is not a path of this app: call `.login_page(\"/login\")` with a path that begins with `/`, without a query"
            ),
            Self::ScopeHierarchy(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ConfigurationError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Realm(error) => Some(error),
            Self::Challenge(_, error) => Some(error),
            Self::ResourceMetadata(error) => Some(error),
            Self::ScopeHierarchy(error) => Some(error),
            _ => None,
        }
    }
}
