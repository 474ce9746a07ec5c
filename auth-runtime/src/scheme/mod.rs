//! Ways to authenticate a request.

pub(crate) mod api_key;
pub(crate) mod basic;
pub(crate) mod bearer;
pub(crate) mod limit;
mod or_else;
#[cfg(feature = "redis")]
pub(crate) mod redis;
#[cfg(feature = "session")]
pub mod session;
pub(crate) mod verification;

use std::fmt;
use std::time::Duration;

use actix_web::http::header::HeaderName;

pub use self::api_key::VerifyKey;
pub use self::basic::VerifyPassword;
pub use self::bearer::VerifyToken;
pub use self::limit::AttemptLimiter;
#[cfg(feature = "redis")]
pub use self::limit::InvalidRedisUrl;
pub use self::or_else::OrElse;
pub(crate) use self::verification::RETRY_AFTER;
pub(crate) use self::verification::VerifyError;
pub use self::verification::{IntoVerified, Rejection, Verification};
#[cfg(any(feature = "jwt", feature = "introspection"))]
pub(crate) use self::verification::{is_used_for_access, of_token};

use crate::http::challenge::Challenge;
use crate::http::credentials::Credentials;
use crate::model::clock::Clock;

/// One way to authenticate a request.
///
/// The crate brings [`Bearer`](crate::Bearer), [`Basic`](crate::Basic) and [`ApiKey`](crate::ApiKey), and
/// sessions with the feature `session`; implement this for another one, such as a cookie of your own.
///
/// ```
/// use actix_web::http::header::{COOKIE, HeaderName};
/// use auth_runtime::http::Credentials;
/// use auth_runtime::scheme::{Attempt, Scheme};
/// use auth_runtime::Principal;
///
/// struct Session;
///
/// /// The session of this id, if there is one.
/// fn find_session(id: &[u8]) -> Option<Principal> {
///     # _ = id; None
///     /* a look-up in memory */
/// }
///
/// impl Scheme for Session {
///     fn name(&self) -> &'static str {
///         "Cookie"
///     }
///
///     fn credential_header(&self) -> Option<&HeaderName> {
///         Some(&COOKIE)
///     }
///
///     fn authenticate(&self, credentials: &Credentials<'_>) -> Attempt {
///         match credentials.cookie("__Host-sid") {
///             Ok(Some(id)) => Attempt::verified(find_session(id)),
///             Ok(None) => Attempt::Absent,
///             Err(_) => Attempt::Ambiguous,
///         }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a scheme",
    label = "not a scheme",
    note = "give a verifier to one, as in `Bearer::new(verify)`, `Basic::new(verify)` or `ApiKey::new(\"X-Api-Key\", verify)`",
    note = "a scheme of your own implements `auth_runtime::scheme::Scheme`"
)]
pub trait Scheme: Send + Sync + 'static {
    /// The scheme's name as it stands in its challenge and in `scheme(..)`: a token
    /// (RFC 9110 §11.1), the same at every call.
    fn name(&self) -> &'static str;

    /// The parameters of the scheme's challenge behind `realm`: static text, such as Basic's
    /// `charset`.
    fn challenge_parameters(&self) -> &[(&'static str, &'static str)] {
        &[]
    }

    /// Whether this scheme's challenges speak RFC 6750: `error`, `error_description`, `scope`.
    fn explains_errors(&self) -> bool {
        false
    }

    /// The header that holds this scheme's credentials, where that is not `Authorization`: caches
    /// know nothing of it (see [`keep_private`](crate::keep_private)).
    fn credential_header(&self) -> Option<&HeaderName> {
        None
    }

    /// Whether credentials of this scheme are for TLS alone: where the request did not come over it
    /// ([`Credentials::is_over_tls`]), they are refused with 403 before they are read, and no
    /// challenge asks for them.
    fn requires_tls(&self) -> bool {
        false
    }

    /// Whether browsers add these credentials to requests by themselves, also to those that a page
    /// of another site makes them send: cookies, `Basic`, client certificates. Handlers refuse such
    /// requests where they can do harm, see
    /// [`trusted_origins`](crate::AuthBuilder::trusted_origins).
    ///
    /// The default is `true`: say `false` where a script has to add them, such as a token.
    fn is_ambient(&self) -> bool {
        true
    }

    /// Whether callers get these credentials from the
    /// [login page](crate::AuthBuilder::login_page). The default is whether they are in a cookie.
    fn logs_in_by_page(&self) -> bool {
        self.credential_header() == Some(&actix_web::http::header::COOKIE)
    }

    /// What is wrong with this scheme's own settings, found when the configuration is built.
    fn configuration_error(&self) -> Option<String> {
        None
    }

    /// The same once more, for a connection that is still open after its request was answered: by
    /// default from the request's headers. A scheme that takes its credentials from elsewhere, such
    /// as what a middleware read, remembers them.
    fn authenticate_again(&self, credentials: &Credentials<'_>) -> Attempt {
        self.authenticate(credentials)
    }

    /// How often the credentials of an open connection are verified again
    /// ([`Authenticated::until_revoked`](crate::Authenticated::until_revoked)). The default is every
    /// five seconds; longer where a verification costs much, as a password's does.
    fn recheck_interval(&self) -> Duration {
        Duration::from_secs(5)
    }

    /// Takes the clock of the configuration, for verifiers that measure time while no request is
    /// there. Called when the configuration is built.
    fn use_clock(&self, clock: &Clock) {
        _ = clock;
    }

    /// Looks for this scheme's credentials in the request and verifies them.
    fn authenticate(&self, credentials: &Credentials<'_>) -> Attempt;
}

/// The outcome of trying one scheme on a request.
#[non_exhaustive]
pub enum Attempt {
    /// The request presents no credentials of this scheme.
    Absent,
    /// The request presents them twice: refused with 400.
    Ambiguous,
    /// It presents some: the verification result, or a future of it.
    Presented(Verification),
}

impl Attempt {
    /// Credentials were presented and verified at once.
    pub fn verified(outcome: impl IntoVerified) -> Self {
        Self::Presented(Verification::ready(outcome))
    }

    /// Credentials were presented that cannot be valid, whatever a verifier says.
    #[must_use]
    pub fn invalid() -> Self {
        Self::Presented(Verification::Ready(Err(Rejection::Invalid)))
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "Absent",
            Self::Ambiguous => "Ambiguous",
            Self::Presented(_) => "Presented(..)",
        })
    }
}

/// The challenge of a scheme in a realm: `realm` first, for some clients stop at anything before it.
pub(crate) fn challenge(
    scheme: &dyn Scheme,
    realm: &str,
) -> Result<Challenge, crate::http::challenge::ChallengeError> {
    let start = Challenge::new(scheme.name())?.with("realm", realm.to_owned())?;
    scheme
        .challenge_parameters()
        .iter()
        .try_fold(start, |challenge, (name, value)| {
            challenge.with(*name, *value)
        })
}
