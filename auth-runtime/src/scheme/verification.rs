//! What a verifier answers.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;

use crate::model::principal::Principal;

/// Why a verifier did not give a principal.
///
/// No other error becomes one by itself, for only the verifier knows what it means: a token that is
/// no UUID is [invalid](Self::invalid), a database that cannot be asked has said nothing about it.
///
/// ```
/// use auth_runtime::{Principal, VerifyError};
///
/// # async fn find(_: u64) -> Result<Option<Principal>, std::io::Error> { Ok(None) }
/// async fn verify(token: &str) -> Result<Option<Principal>, VerifyError> {
///     let session = token.parse().map_err(|_| VerifyError::invalid())?;
///     find(session).await.map_err(VerifyError::unavailable_because)
/// }
/// ```
///
/// ```compile_fail,E0277
/// # use auth_runtime::{Principal, VerifyError};
/// async fn verify(token: &str) -> Result<Option<Principal>, VerifyError> {
///     let session: u64 = token.parse()?; // 401 or 503? It does not compile.
///     # _ = session; Ok(None)
/// }
/// ```
///
/// The text given with [`because`](Self::because) goes to the log, never to the client.
#[derive(Clone, Debug)]
pub struct VerifyError {
    kind: Kind,
    because: Option<String>,
    retry_after: Option<Duration>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Expired,
    Invalid,
    Revoked,
    TooMany,
    Unavailable,
}

impl VerifyError {
    const fn new(kind: Kind) -> Self {
        Self {
            kind,
            because: None,
            retry_after: None,
        }
    }

    /// The credentials were valid once. Answered with 401, "The access token expired".
    #[must_use]
    pub const fn expired() -> Self {
        Self::new(Kind::Expired)
    }

    /// The credentials are not valid: unknown, revoked, wrong. Answered with 401.
    #[must_use]
    pub const fn invalid() -> Self {
        Self::new(Kind::Invalid)
    }

    /// The credentials are not valid any more, by this app's own word. Answered like
    /// [`invalid`](Self::invalid), but [`or_else`](super::VerifyToken::or_else) asks no other verifier about them.
    #[must_use]
    pub const fn revoked() -> Self {
        Self::new(Kind::Revoked)
    }

    /// The credentials were not looked at, for there were too many wrong ones. Answered with 429 and
    /// `Retry-After` (RFC 6585 §4), in whole seconds. [`AttemptLimiter`](super::AttemptLimiter)
    /// counts them.
    #[must_use]
    pub const fn too_many(retry_after: Duration) -> Self {
        Self::new(Kind::TooMany).retry_after(retry_after)
    }

    /// Whether they are valid cannot be told now. Answered with 503 and `Retry-After`.
    #[must_use]
    pub const fn unavailable() -> Self {
        Self::new(Kind::Unavailable)
    }

    /// [Unavailable](Self::unavailable), for the reason that this error and its sources give:
    /// `.map_err(VerifyError::unavailable_because)?`.
    pub fn unavailable_because(error: impl std::error::Error) -> Self {
        let mut reason = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            reason = format!("{reason}: {error}");
            source = error.source();
        }
        Self::unavailable().because(reason)
    }

    /// Whether another verifier may know better.
    pub(super) fn is_about_an_unknown_token(&self) -> bool {
        matches!(self.kind, Kind::Invalid)
    }

    /// Whether nothing was found out about the credentials.
    pub(super) fn is_unavailable(&self) -> bool {
        matches!(self.kind, Kind::Unavailable)
    }

    /// Says why, for the log. Not for the client, and not to hold a secret.
    #[must_use]
    pub fn because(mut self, reason: impl fmt::Display) -> Self {
        self.because = Some(reason.to_string());
        self
    }

    /// Sets `Retry-After` of a 503 or 429, in whole seconds. The default is 5 seconds.
    #[must_use]
    pub const fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Expired => "the credentials have expired",
            Kind::Invalid => "the credentials are not valid",
            Kind::Revoked => "the credentials were revoked",
            Kind::TooMany => "too many attempts",
            Kind::Unavailable => "the credentials cannot be verified now",
        })?;
        match &self.because {
            Some(because) => write!(f, ": {because}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for VerifyError {}

/// What a verifier may return: `Option<Principal>`, or a `Result` of a principal and a
/// [`VerifyError`], or of an error that the app itself turns into one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what a verifier answers",
    note = "answer `Option<Principal>`, or `Result<Option<Principal>, VerifyError>`"
)]
pub trait IntoVerified {
    /// The principal, none, or why there is none.
    #[doc(hidden)]
    fn into_verified(self) -> Result<Option<Principal>, VerifyError>;
}

impl IntoVerified for Option<Principal> {
    fn into_verified(self) -> Result<Option<Principal>, VerifyError> {
        Ok(self)
    }
}

impl<E: Into<VerifyError>> IntoVerified for Result<Option<Principal>, E> {
    fn into_verified(self) -> Result<Option<Principal>, VerifyError> {
        self.map_err(Into::into)
    }
}

impl<E: Into<VerifyError>> IntoVerified for Result<Principal, E> {
    fn into_verified(self) -> Result<Option<Principal>, VerifyError> {
        self.map(Some).map_err(Into::into)
    }
}

/// Why presented credentials were not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejection {
    /// Unknown, revoked, wrong or malformed.
    Invalid,
    /// Valid once.
    Expired,
    /// Not looked at, for too many were wrong.
    TooMany {
        /// When to try again.
        retry_after: Duration,
    },
    /// It cannot be told now.
    Unavailable {
        /// When to try again.
        retry_after: Duration,
        /// Why, for the log.
        because: Arc<str>,
    },
    /// The verifier panicked.
    Panicked,
    /// A session that has ended. A browser goes on sending its cookie, so that the caller is
    /// anonymous where the handler takes anonymous callers, and unauthenticated elsewhere.
    Ended,
    /// The app is not set up for this scheme: answered with 500, and this in the log.
    Misconfigured(&'static str),
}

/// How long a client should wait before it tries again, by default.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(5);

impl Rejection {
    pub(crate) fn unavailable(because: &str) -> Self {
        Self::Unavailable {
            retry_after: RETRY_AFTER,
            because: because.into(),
        }
    }
}

impl From<VerifyError> for Rejection {
    fn from(error: VerifyError) -> Self {
        if let Some(because) = &error.because {
            tracing::debug!(target: "auth_runtime", kind = ?error.kind, because = &*crate::http::escape::escaped(because), "credentials not accepted");
        }
        match error.kind {
            Kind::Expired => Self::Expired,
            Kind::Invalid | Kind::Revoked => Self::Invalid,
            Kind::TooMany => Self::TooMany {
                retry_after: error.retry_after.unwrap_or(RETRY_AFTER),
            },
            Kind::Unavailable => Self::Unavailable {
                retry_after: error.retry_after.unwrap_or(RETRY_AFTER),
                because: error.because.unwrap_or_default().into(),
            },
        }
    }
}

/// The outcome of a verification, or the future that will tell it.
#[non_exhaustive]
pub enum Verification {
    /// Known at once, without a future.
    Ready(Result<Principal, Rejection>),
    /// To be awaited.
    Pending(LocalBoxFuture<'static, Result<Principal, Rejection>>),
}

impl Verification {
    /// Known at once.
    pub fn ready(outcome: impl IntoVerified) -> Self {
        Self::Ready(outcome_of(outcome))
    }

    /// Known when `outcome` is.
    pub fn pending<F>(outcome: F) -> Self
    where
        F: Future<Output: IntoVerified> + 'static,
    {
        Self::Pending(Box::pin(async move { outcome_of(outcome.await) }))
    }
}

impl fmt::Debug for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ready(_) => "Ready(..)",
            Self::Pending(_) => "Pending(..)",
        })
    }
}

/// Whoever a token stands for in the app, it ends when it ends, and is found by what it is revoked
/// by. The app's own end, where it is nearer, and its own claims are kept.
#[cfg(any(feature = "jwt", feature = "introspection"))]
pub(crate) fn of_token(user: Principal, token: &Principal) -> Principal {
    let ends = [user.expires_at(), token.expires_at()];
    let user = match ends.into_iter().flatten().min() {
        Some(at) if user.expires_at() != Some(at) => user.with_expires_at(at),
        _ => user,
    };
    ["iss", "sub", "jti", "iat"]
        .into_iter()
        .fold(user, |user, name| match token.claims().get(name) {
            Some(value) if !user.claims().contains_key(name) => user.claim(name, value.clone()),
            _ => user,
        })
}

/// RFC 8725 §3.12: what some servers write into tokens of every kind to tell them apart. Whoever
/// says nothing is not asked.
#[cfg(any(feature = "jwt", feature = "introspection"))]
pub(crate) fn is_used_for_access(claims: &serde_json::Map<String, serde_json::Value>) -> bool {
    claims
        .get("token_use")
        .is_none_or(|kind| kind == "access" || kind == "access_token")
}

/// No principal is answered like invalid credentials.
fn outcome_of(outcome: impl IntoVerified) -> Result<Principal, Rejection> {
    match outcome.into_verified() {
        Ok(Some(principal)) => Ok(principal),
        Ok(None) => Err(Rejection::Invalid),
        Err(error) => Err(error.into()),
    }
}
