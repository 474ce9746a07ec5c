//! What a revocation is found by.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::model::secret::Secret;

/// What a revocation is found by: the digest of a token, of its identifier, or of its subject. It
/// tells a store nothing but whether it is the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RevocationKey([u8; 32]);

impl RevocationKey {
    /// The key of this very token; of a signed one (RFC 7515 §7.1) whatever its signature is, for
    /// whoever holds a token signed with ECDSA can make a second signature of it.
    #[must_use]
    pub fn token(token: &Secret<'_>) -> Self {
        match signed(token.expose()) {
            Some(signed) => Self::of(&["signed", signed]),
            None => Self::of(&["token", token.expose()]),
        }
    }

    /// The key of the token that `issuer` gave this identifier.
    #[must_use]
    pub fn id(issuer: &str, jti: &str) -> Self {
        Self::of(&["jti", issuer, jti])
    }

    /// The key of all tokens of a subject. The same name at another issuer is another subject.
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

    pub(super) const fn digest(&self) -> &[u8; 32] {
        &self.0
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

/// What is signed of a token in the compact form: three parts, the first of which is JSON. `None`
/// for every other token, whose last part may be all that tells it from others.
fn signed(token: &str) -> Option<&str> {
    let (signed, _) = token.rsplit_once('.')?;
    let (header, payload) = signed.split_once('.')?;
    let header = URL_SAFE_NO_PAD.decode(header).ok()?;
    let is_json = header.trim_ascii_start().starts_with(b"{");
    (is_json && !payload.contains('.')).then_some(signed)
}

impl fmt::Debug for RevocationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RevocationKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_different_things_differ() {
        let keys = [
            RevocationKey::token(&Secret::new("a")),
            RevocationKey::id("", "a"),
            RevocationKey::id("a", ""),
            RevocationKey::subject("", "a"),
            RevocationKey::subject("a", ""),
            RevocationKey::subject("a", "b"),
            RevocationKey::subject("ab", ""),
            RevocationKey::id("a", "b"),
        ];
        for (position, key) in keys.iter().enumerate() {
            assert!(!keys[..position].contains(key), "{position}");
        }
        assert_eq!(RevocationKey::id("a", "b"), RevocationKey::id("a", "b"));
        assert_eq!(RevocationKey::id("a", "b").to_hex().len(), 64);
    }

    #[test]
    fn a_signed_token_is_what_is_signed_and_another_is_all_of_it() {
        let key = |text: &str| RevocationKey::token(&Secret::new(text.to_owned()));
        // {"alg":"ES256"}
        let header = "eyJhbGciOiJFUzI1NiJ9";
        assert_eq!(
            key(&format!("{header}.e30.AA")),
            key(&format!("{header}.e30.BB"))
        );
        assert_ne!(
            key(&format!("{header}.e30.AA")),
            key(&format!("{header}.e31.AA"))
        );
        for (one, other) in [
            ("app.session.one".to_owned(), "app.session.two".to_owned()),
            (format!("{header}.one"), format!("{header}.two")),
            (format!("{header}.a.b.c.one"), format!("{header}.a.b.c.two")),
            (format!("{header}."), format!("{header}.x")),
            ("one".to_owned(), "two".to_owned()),
        ] {
            assert_ne!(key(&one), key(&other), "{one}");
        }
    }
}
