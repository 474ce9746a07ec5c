//! Why a token is not accepted, and why a configuration is not.

use std::fmt;
use std::time::Duration;

use super::algorithm::Algorithm;
#[cfg(feature = "jwks")]
use crate::oauth::http::HttpError;
use crate::scheme::VerifyError;

/// Why a token is not accepted. The text is for the log: it holds nothing of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Invalid(&'static str),
    /// It is refused by a setting, as all tokens of this kind are.
    Setting(&'static str),
    /// It is signed with this algorithm, which is not allowed, or which nothing here verifies.
    Algorithm(&'static str),
    Expired,
    /// The keys cannot be had now.
    Unavailable {
        retry_after: Duration,
    },
}

impl From<Fault> for VerifyError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Invalid(because) | Fault::Setting(because) => Self::invalid().because(because),
            Fault::Algorithm(name) => Self::invalid().because(format!(
                "the algorithm `{name}` is not allowed: where the issuer signs with it, name it in `.algorithms([..])`"
            )),
            Fault::Expired => Self::expired(),
            Fault::Unavailable { retry_after } => Self::unavailable()
                .because("the issuer's keys are unavailable, or were fetched too recently to ask again for an unknown key")
                .retry_after(whole_seconds(retry_after)),
        }
    }
}

/// Rounded up: `Retry-After` is in whole seconds (RFC 9110 §10.2.3), and earlier is too early.
fn whole_seconds(time: Duration) -> Duration {
    Duration::from_secs(time.as_secs() + u64::from(time.subsec_nanos() > 0))
}

/// What is wrong with the settings of a [`Jwt`](super::Jwt).
///
/// `Debug` says it in words, as `Display` does: a `main` that returns the error prints it so.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum JwtError {
    /// No issuer is trusted, so no token could be valid.
    NoIssuer,
    /// Two issuers have this name, or an issuer has none.
    IssuerName(String),
    /// No audience is set for this issuer: its tokens for any other service would be accepted.
    NoAudience(String),
    /// This issuer has no keys, or keys from two places.
    Keys(String, &'static str),
    /// This issuer allows no algorithm, or symmetric ones for keys that are fetched.
    Algorithms(String, &'static str),
    /// The leeway is longer than 300 seconds (RFC 7519 §4.1.4: "no more than a few minutes").
    Leeway(Duration),
    /// Several issuers may give the same `sub` to different people, and no prefix tells them apart.
    AmbiguousSubjects,
    /// An HMAC key is shorter than the hash (RFC 7518 §3.2).
    ShortSecret {
        /// The algorithm.
        algorithm: Algorithm,
        /// The bytes that the key must have at least.
        at_least: usize,
    },
    /// An RSA key is shorter than 2048 bits (RFC 7518 §3.3), or longer than 8192.
    RsaKeySize {
        /// The bits of the modulus.
        bits: usize,
    },
    /// A key is of another kind than its algorithm takes.
    WrongKeyKind(Algorithm),
    /// A key cannot be read, and why.
    Key(&'static str),
    /// The keys cannot be fetched by these settings.
    #[cfg(feature = "jwks")]
    Http(HttpError),
    /// A file cannot be read, and why.
    File(String, String),
    /// The keys of this issuer cannot be had now: see [`Jwt::warm_up`](super::Jwt::warm_up).
    Unavailable(String),
    /// A limit is zero, or a lower bound is above its upper one.
    Limit(&'static str),
}

impl fmt::Debug for JwtError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for JwtError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoIssuer => f.write_str("no issuer: call `.issuer(Issuer::new(\"https://...\"))`"),
            Self::IssuerName(name) => write!(f, "issuer `{name}`: the name is empty or not the only one"),
            Self::NoAudience(issuer) => write!(
                f,
                "issuer `{issuer}`: no audience, so its tokens for any service would be accepted: call `.audience(\"https://...\")`"
            ),
            Self::Keys(issuer, problem) | Self::Algorithms(issuer, problem) => write!(f, "issuer `{issuer}`: {problem}"),
            Self::Leeway(leeway) => write!(
                f,
                "a leeway of {} seconds is longer than 300 seconds",
                leeway.as_secs()
            ),
            Self::AmbiguousSubjects => f.write_str(
                "several issuers may give the same `sub` to different people: give each a `.subject_prefix(\"...\")`, none the beginning of another, or call `.shared_subjects(true)`",
            ),
            Self::ShortSecret { algorithm, at_least } => {
                write!(f, "a key for {algorithm} has at least {at_least} bytes")
            }
            Self::RsaKeySize { bits } => {
                write!(f, "an RSA key has 2048 to 8192 bits, not {bits}")
            }
            Self::WrongKeyKind(algorithm) => write!(f, "the key is not of the kind that {algorithm} takes"),
            Self::Key(problem) => write!(f, "the key cannot be used: {problem}"),
            #[cfg(feature = "jwks")]
            Self::Http(error) => error.fmt(f),
            Self::File(path, problem) => write!(f, "`{path}`: {problem}"),
            Self::Unavailable(issuer) => write!(f, "issuer `{issuer}`: its keys cannot be had now"),
            Self::Limit(name) => write!(f, "the limit `{name}` is zero or out of order"),
        }
    }
}

impl std::error::Error for JwtError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            #[cfg(feature = "jwks")]
            Self::Http(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(feature = "jwks")]
impl From<HttpError> for JwtError {
    fn from(error: HttpError) -> Self {
        Self::Http(error)
    }
}
