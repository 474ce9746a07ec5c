//! What a revocation is found by.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::secret::Secret;

/// What a revocation is found by: the digest of a token, of its identifier, or of its subject. It
/// tells a store nothing but whether it is the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mark([u8; 32]);

impl Mark {
    /// The mark of this very token.
    #[must_use]
    pub fn token(token: &Secret<'_>) -> Self {
        Self::of(&["token", token.expose()])
    }

    /// The mark of the token that `issuer` gave this identifier.
    #[must_use]
    pub fn id(issuer: &str, jti: &str) -> Self {
        Self::of(&["jti", issuer, jti])
    }

    /// The mark of all tokens of a subject. The same name at another issuer is somebody else.
    #[must_use]
    pub fn subject(issuer: &str, subject: &str) -> Self {
        Self::of(&["sub", issuer, subject])
    }

    /// The digest, in 64 hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        use fmt::Write as _;
        self.0
            .iter()
            .fold(String::with_capacity(64), |mut text, byte| {
                _ = write!(text, "{byte:02x}");
                text
            })
    }

    /// The lengths stand before the parts, so that no two lists of parts are one text.
    fn of(parts: &[&str]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part.len().to_be_bytes());
            hasher.update(part.as_bytes());
        }
        Self(hasher.finalize().into())
    }
}

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mark(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_different_things_differ() {
        let marks = [
            Mark::token(&Secret::new("a")),
            Mark::id("", "a"),
            Mark::id("a", ""),
            Mark::subject("", "a"),
            Mark::subject("a", ""),
            Mark::subject("a", "b"),
            Mark::subject("ab", ""),
            Mark::id("a", "b"),
        ];
        for (position, mark) in marks.iter().enumerate() {
            assert!(!marks[..position].contains(mark), "{position}");
        }
        assert_eq!(Mark::id("a", "b"), Mark::id("a", "b"));
        assert_eq!(Mark::id("a", "b").to_hex().len(), 64);
    }
}
