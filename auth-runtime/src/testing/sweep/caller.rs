//! The callers whose access is tried.

use std::fmt;

use crate::model::principal::Principal;
use crate::review::registry::AccessMatrix;

/// A caller that the sweep makes requests as.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Caller {
    /// Unauthenticated: presents nothing.
    Anonymous,
    /// Authenticated, without roles, scopes and permissions.
    Known,
    /// Authenticated, with this role alone.
    Role(String),
    /// Authenticated, with this scope alone.
    Scope(String),
    /// Authenticated, with this permission alone.
    Permission(String),
    /// Authenticated, with every role, scope and permission that a requirement names.
    Everything,
}

impl Caller {
    /// Every caller that the requirements of a matrix tell apart.
    pub(super) fn of(matrix: &AccessMatrix) -> Vec<(Self, Option<Principal>)> {
        let known = || Principal::new("sweep");
        let (roles, scopes, permissions) = (
            matrix.names("role"),
            matrix.names("scope"),
            matrix.names("permission"),
        );
        let everything = known()
            .roles(roles.iter().cloned())
            .scopes(scopes.iter().cloned())
            .permissions(permissions.iter().cloned());
        let mut callers = vec![(Self::Anonymous, None), (Self::Known, Some(known()))];
        for name in roles {
            let principal = known().role(name.as_str());
            callers.push((Self::Role(name), Some(principal)));
        }
        for name in scopes {
            let principal = known().scope(name.as_str());
            callers.push((Self::Scope(name), Some(principal)));
        }
        for name in permissions {
            let principal = known().permission(name.as_str());
            callers.push((Self::Permission(name), Some(principal)));
        }
        callers.push((Self::Everything, Some(everything)));
        callers
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::Known => f.write_str("an authenticated caller"),
            Self::Role(name) => write!(f, "role({name:?})"),
            Self::Scope(name) => write!(f, "scope({name:?})"),
            Self::Permission(name) => write!(f, "permission({name:?})"),
            Self::Everything => f.write_str("a caller with every role, scope and permission"),
        }
    }
}
