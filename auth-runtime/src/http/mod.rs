//! The parts of HTTP that authentication speaks: challenges, credentials, networks and problem
//! documents.

pub(crate) mod body;
pub(crate) mod byte_set;
pub(crate) mod challenge;
pub(crate) mod cookies;
pub(crate) mod credentials;
pub(crate) mod escape;
#[cfg(any(feature = "jwt", feature = "introspection"))]
pub(crate) mod json;
pub(crate) mod local_path;
pub(crate) mod network;
pub(crate) mod origin;
pub(crate) mod problem;
pub(crate) mod resource_metadata;
pub(crate) mod transport;

pub use self::challenge::{Challenge, ChallengeError, Challenges, Realm, RealmError};
pub use self::credentials::{Ambiguous, Credentials, Presented};
pub use self::local_path::LocalPath;
pub use self::network::ProxyHeader;
pub use self::problem::Problem;
