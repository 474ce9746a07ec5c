//! Values that must not be shown: tokens, passwords and keys.

use std::borrow::Cow;
use std::fmt;

use subtle::ConstantTimeEq as _;

/// A credential as the client sent it: a token, a password or a key.
///
/// It cannot be printed: `Debug` shows a placeholder and there is no `Display`. It can be compared
/// in constant time and, where its text is needed (for a look-up or a hash), read with
/// [`expose`](Self::expose).
///
/// ```
/// use auth_runtime::Secret;
///
/// let token = Secret::new("mF_9.B5f-4.1JqM");
/// assert!(token.ct_eq("mF_9.B5f-4.1JqM"));
/// assert_eq!(format!("{token:?}"), "Secret(..)");
/// ```
///
/// # Security
///
/// Compare with [`ct_eq`](Self::ct_eq) rather than `==` on the exposed text: how long a plain
/// comparison takes tells how many leading bytes were right. `Secret` has no `PartialEq` for that
/// reason. A look-up in a hash map by a high-entropy token is fine.
#[derive(Clone)]
pub struct Secret<'a>(Cow<'a, str>);

impl<'a> Secret<'a> {
    /// Wraps a text, borrowed or owned.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Self {
        Self(text.into())
    }

    /// The text itself. Whoever calls this takes care that it goes nowhere it can be read.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The same secret without a borrow.
    #[must_use]
    pub fn into_owned(self) -> Secret<'static> {
        Secret(Cow::Owned(self.0.into_owned()))
    }

    /// Whether this is `expected`, in time that depends on the lengths only.
    #[must_use]
    pub fn ct_eq(&self, expected: impl AsRef<[u8]>) -> bool {
        self.0.as_bytes().ct_eq(expected.as_ref()).into()
    }
}

impl fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_text() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(..)");
        assert_eq!(
            format!("{:#?}", Some(Secret::new("hunter2")))
                .matches("hunter2")
                .count(),
            0
        );
    }

    #[test]
    fn ct_eq_compares_whole_bytes() {
        let secret = Secret::new("abc");
        assert!(secret.ct_eq("abc"));
        for other in ["", "ab", "abcd", "abC", "ABC", "abc ", "abc\0"] {
            assert!(!secret.ct_eq(other), "{other:?}");
        }
    }
}
