//! What a policy answers.

use std::fmt;
use std::sync::Arc;

/// The answer of a policy: allowed, or denied with a reason for the log.
///
/// It is made by name, so that no condition is turned round by accident: there is no conversion
/// from `bool`.
///
/// ```
/// use auth_runtime::Decision;
///
/// fn is_author(author: &str, subject: &str) -> Decision {
///     Decision::allow_if(author == subject)
/// }
/// assert!(is_author("ada", "ada").is_allowed());
/// assert!(!Decision::deny("the article is locked").is_allowed());
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use = "an unused decision protects nothing"]
pub struct Decision {
    allowed: bool,
    because: Option<Arc<str>>,
}

impl Decision {
    /// Allowed.
    pub const fn allow() -> Self {
        Self {
            allowed: true,
            because: None,
        }
    }

    /// Denied. The reason goes to the log and the audit, not to the client.
    pub fn deny(because: impl Into<String>) -> Self {
        Self {
            allowed: false,
            because: Some(because.into().into()),
        }
    }

    /// Allowed where the condition holds, denied without a reason where it does not.
    pub const fn allow_if(condition: bool) -> Self {
        Self {
            allowed: condition,
            because: None,
        }
    }

    /// Whether it is allowed.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        self.allowed
    }

    /// Why it was denied, where the policy said.
    #[must_use]
    pub fn because(&self) -> Option<&str> {
        self.because.as_deref()
    }

    pub(crate) fn into_reason(self) -> Option<Arc<str>> {
        self.because
    }
}

impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.allowed, &self.because) {
            (true, _) => f.write_str("Allowed"),
            (false, None) => f.write_str("Denied"),
            (false, Some(because)) => f.debug_tuple("Denied").field(because).finish(),
        }
    }
}
