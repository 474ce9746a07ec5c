//! `Bearer` tokens (RFC 6750).

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::SystemTime;

use super::{Attempt, IntoVerified, Scheme, Verification, VerifyError};
use crate::http::credentials::{Credentials, Presented};
use crate::model::principal::Principal;
use crate::model::secret::Secret;

/// Verifies an opaque token: the trait form of [`Bearer::new`], for a verifier with state.
pub trait VerifyToken: Send + Sync + 'static {
    /// The principal that the token stands for, or `None` where it stands for nobody.
    ///
    /// # Errors
    ///
    /// Expired, invalid, or unavailable; see [`VerifyError`].
    fn verify(
        &self,
        token: Secret<'static>,
    ) -> impl Future<Output = Result<Option<Principal>, VerifyError>>;

    /// The same at the time `now`, by the clock of the configuration; [`Bearer`] calls this one.
    /// For verifiers that judge times; the default pays no heed to it.
    ///
    /// # Errors
    ///
    /// As for [`verify`](Self::verify).
    fn verify_at(
        &self,
        token: Secret<'static>,
        now: SystemTime,
    ) -> impl Future<Output = Result<Option<Principal>, VerifyError>> {
        _ = now;
        self.verify(token)
    }
}

type Verify = dyn Fn(&str, &Credentials<'_>) -> Verification + Send + Sync;

/// Tokens in the `Authorization` header: `Authorization: Bearer mF_9.B5f-4.1JqM` (RFC 6750 §2.1).
///
/// ```
/// use auth_runtime::{Auth, Bearer, Principal, Secret, VerifyError};
///
/// async fn find_session(token: &str) -> Result<Option<Principal>, std::io::Error> {
///     # _ = token; Ok(None)
///     /* a database look-up */
/// }
///
/// let auth = Auth::builder()
///     .realm("articles")
///     .scheme(Bearer::new(|token: Secret<'static>| async move { find_session(token.expose()).await }))
///     .build()?;
/// # Ok::<(), auth_runtime::ConfigurationError>(())
/// ```
///
/// # Security
///
/// Tokens in the query or the body (RFC 6750 §2.2, §2.3) are never looked at. A value that is not
/// of the right form, or longer than [`max_length`](Self::max_length), is refused before the
/// verifier sees it.
#[derive(Clone)]
pub struct Bearer {
    verify: Arc<Verify>,
    max_length: usize,
    problem: Option<Arc<str>>,
}

impl Bearer {
    /// Verifies with an async closure or function.
    ///
    /// One allocation a request, for the future. A verifier that has its answer at once is
    /// cheaper with [`sync`](Self::sync).
    pub fn new<F, Fut>(verify: F) -> Self
    where
        F: Fn(Secret<'static>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: IntoVerified> + 'static,
    {
        Self::from_arc(Arc::new(move |token, _| {
            Verification::pending(verify(Secret::new(token.to_owned())))
        }))
    }

    /// Verifies with a function that answers at once, such as a look-up in memory. It runs on the
    /// server's worker: it must neither block nor take long.
    pub fn sync<F, V>(verify: F) -> Self
    where
        F: Fn(Secret<'_>) -> V + Send + Sync + 'static,
        V: IntoVerified,
    {
        Self::from_arc(Arc::new(move |token, _| {
            Verification::ready(verify(Secret::new(token)))
        }))
    }

    /// Verifies with an implementation of [`VerifyToken`].
    pub fn verifier(verifier: impl VerifyToken) -> Self {
        let verifier = Arc::new(verifier);
        Self::from_arc(Arc::new(move |token, credentials| {
            let verifier = Arc::clone(&verifier);
            let (token, now) = (Secret::new(token.to_owned()), credentials.now());
            Verification::pending(async move { verifier.verify_at(token, now).await })
        }))
    }

    /// Verifies signed tokens (RFC 9068): see [`scheme::jwt`](crate::oauth::jwt). What is wrong with the
    /// settings is told when the configuration is built.
    #[cfg(feature = "jwt")]
    pub fn jwt(jwt: impl crate::oauth::jwt::IntoJwt) -> Self {
        match jwt.into_jwt() {
            Ok(jwt) => Self::from_arc(Arc::new(move |token, credentials| {
                jwt.verify(token, credentials.now())
            })),
            Err(error) => Self {
                problem: Some(error.to_string().into()),
                ..Self::sync(|_: Secret<'_>| None::<Principal>)
            },
        }
    }

    /// The longest token that is looked at, in bytes. The default is 8192.
    #[must_use]
    pub fn max_length(mut self, bytes: usize) -> Self {
        self.max_length = bytes;
        self
    }

    fn from_arc(verify: Arc<Verify>) -> Self {
        Self {
            verify,
            max_length: 8192,
            problem: None,
        }
    }
}

impl Scheme for Bearer {
    fn name(&self) -> &'static str {
        "Bearer"
    }

    fn explains_errors(&self) -> bool {
        true
    }

    fn configuration_error(&self) -> Option<String> {
        self.problem.as_deref().map(str::to_owned)
    }

    fn authenticate(&self, credentials: &Credentials<'_>) -> Attempt {
        match credentials.authorization("Bearer") {
            Presented::Nothing => Attempt::Absent,
            Presented::Token68(token) if token.len() <= self.max_length => {
                Attempt::Presented((self.verify)(token, credentials))
            }
            Presented::Token68(_) | Presented::Malformed => Attempt::invalid(),
        }
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bearer")
            .field("max_length", &self.max_length)
            .finish_non_exhaustive()
    }
}
