//! The key of the session cookie.

use actix_web::cookie::Key;

/// The least that is taken, in bytes.
const MIN_LENGTH: usize = 32;

/// Fewer different bytes than this in so many are no accident: zeros, or a word over and over.
const MIN_DIFFERENT: usize = 8;

/// Makes the key of a secret, or says what is wrong with it.
pub(super) fn key_of(secret: &[u8]) -> Result<Key, &'static str> {
    if secret.len() < MIN_LENGTH {
        return Err("the secret is shorter than 32 bytes: make one with `openssl rand -base64 48`");
    }
    let mut seen = [false; 256];
    for byte in secret {
        if let Some(seen) = seen.get_mut(usize::from(*byte)) {
            *seen = true;
        }
    }
    if seen.into_iter().filter(|seen| *seen).count() < MIN_DIFFERENT {
        return Err(
            "the secret is not random: it repeats few bytes; make one with `openssl rand -base64 48`",
        );
    }
    Ok(Key::derive_from(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_or_repeated_secret_makes_no_key() {
        for secret in [
            &b""[..],
            b"secret",
            b"0123456789abcdef0123456789abcde",
            &[0; 64],
            &b"changeme".repeat(8)[..],
        ] {
            assert!(key_of(secret).is_err(), "{secret:?}");
        }
        assert!(key_of(b"0123456789abcdef0123456789abcdef").is_ok());
        assert_ne!(
            key_of(b"0123456789abcdef0123456789abcdef").map(|key| key.master().to_vec()),
            key_of(b"0123456789abcdef0123456789abcdeg").map(|key| key.master().to_vec())
        );
    }
}
