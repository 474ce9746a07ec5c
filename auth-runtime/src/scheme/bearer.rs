//! `Bearer` tokens (RFC 6750).

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use super::{Attempt, IntoVerified, OrElse, Scheme, Verification, VerifyError};
use crate::http::credentials::{Credentials, Presented};
use crate::model::clock::Clock;
use crate::model::principal::Principal;
use crate::model::secret::Secret;

/// Verifies an opaque token: the trait form of [`Bearer::new`], for a verifier with state.
pub trait VerifyToken: Send + Sync + 'static {
    /// The principal that the token stands for, or `None` where the token is not known.
    ///
    /// # Errors
    ///
    /// Expired, invalid, or unavailable; see [`VerifyError`].
    fn verify(
        &self,
        token: Secret<'static>,
    ) -> impl Future<Output = Result<Option<Principal>, VerifyError>>;

    /// Takes the clock of the configuration, for verifiers that go by the time. [`Bearer`] hands it
    /// over when the configuration is built. One that wraps another hands it on.
    fn use_clock(&self, clock: &Clock) {
        _ = clock;
    }

    /// Asks `other` where this verifier does not know the token: signed tokens verified here,
    /// opaque ones at the authorization server.
    ///
    /// ```
    /// use auth_runtime::scheme::VerifyToken;
    /// use auth_runtime::{Auth, Bearer, Principal, Secret, VerifyError};
    ///
    /// struct Signed;
    /// # impl VerifyToken for Signed {
    /// #     async fn verify(&self, _: Secret<'static>) -> Result<Option<Principal>, VerifyError> { Ok(None) }
    /// # }
    /// struct Opaque;
    /// # impl VerifyToken for Opaque {
    /// #     async fn verify(&self, _: Secret<'static>) -> Result<Option<Principal>, VerifyError> { Ok(None) }
    /// # }
    ///
    /// let auth = Auth::builder()
    ///     .realm("files")
    ///     .scheme(Bearer::verifier(Signed.or_else(Opaque)))
    ///     .build()?;
    /// # Ok::<(), auth_runtime::ConfigurationError>(())
    /// ```
    ///
    /// # Security
    ///
    /// Only a token that this one calls invalid, or that stands for no principal, goes on to the
    /// other. One that has expired, was [revoked](VerifyError::revoked), or cannot be verified now
    /// is refused as this one says.
    ///
    /// Put the verifier first that knows its own tokens from others', as `Jwt` does. An
    /// introspection calls a token that was revoked as inactive as one that it never knew: behind
    /// it, a signed token that was revoked there would be verified by its signature alone.
    ///
    /// The subjects of both are of one app: where two servers may give one `sub` to different
    /// people, one of the verifiers puts a prefix before its own.
    fn or_else<V: VerifyToken>(self, other: V) -> OrElse<Self, V>
    where
        Self: Sized,
    {
        OrElse::new(self, other)
    }
}

type Verify = dyn Fn(&str) -> Verification + Send + Sync;
type UseClock = dyn Fn(&Clock) + Send + Sync;

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
///     .scheme(Bearer::new(|token: Secret<'static>| async move {
///         find_session(token.expose()).await.map_err(VerifyError::unavailable_because)
///     }))
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
    name: &'static str,
    verify: Arc<Verify>,
    use_clock: Option<Arc<UseClock>>,
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
        Self::from_arc(Arc::new(move |token| {
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
        Self::from_arc(Arc::new(move |token| {
            Verification::ready(verify(Secret::new(token)))
        }))
    }

    /// Verifies with an implementation of [`VerifyToken`].
    pub fn verifier(verifier: impl VerifyToken) -> Self {
        let verifier = Arc::new(verifier);
        let timed = Arc::clone(&verifier);
        Self {
            use_clock: Some(Arc::new(move |clock| timed.use_clock(clock))),
            ..Self::new(move |token| {
                let verifier = Arc::clone(&verifier);
                async move { verifier.verify(token).await }
            })
        }
    }

    /// Verifies signed tokens (RFC 9068): see [`scheme::jwt`](crate::oauth::jwt). What is wrong with the
    /// settings is told when the configuration is built.
    #[cfg(feature = "jwt")]
    pub fn jwt(jwt: impl crate::oauth::jwt::IntoJwt) -> Self {
        match jwt.into_jwt() {
            Ok(jwt) => {
                let timed = jwt.clone();
                Self {
                    use_clock: Some(Arc::new(move |clock| timed.use_clock(clock))),
                    ..Self::from_arc(Arc::new(move |token| jwt.verify_at(token, jwt.now())))
                }
            }
            Err(error) => Self {
                problem: Some(error.to_string().into()),
                ..Self::sync(|_: Secret<'_>| None::<Principal>)
            },
        }
    }

    /// Sets the scheme's name, in requests, in the challenge and in `scheme(..)`. The default is
    /// `Bearer`, the one that clients of OAuth 2.0 know; `Token` is that of some older APIs. The
    /// errors are those of RFC 6750 all the same.
    ///
    /// One that is no token (RFC 9110 §11.1) is an error when the configuration is built. Both names
    /// are taken where both schemes are added.
    #[must_use]
    pub fn scheme_name(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// The longest token that is looked at, in bytes. The default is 8192.
    #[must_use]
    pub fn max_length(mut self, bytes: usize) -> Self {
        self.max_length = bytes;
        self
    }

    fn from_arc(verify: Arc<Verify>) -> Self {
        Self {
            name: "Bearer",
            verify,
            use_clock: None,
            max_length: 8192,
            problem: None,
        }
    }
}

impl Scheme for Bearer {
    fn name(&self) -> &'static str {
        self.name
    }

    fn explains_errors(&self) -> bool {
        true
    }

    fn configuration_error(&self) -> Option<String> {
        self.problem.as_deref().map(str::to_owned)
    }

    fn use_clock(&self, clock: &Clock) {
        if let Some(hand_over) = &self.use_clock {
            hand_over(clock);
        }
    }

    fn is_ambient(&self) -> bool {
        false
    }

    fn authenticate(&self, credentials: &Credentials<'_>) -> Attempt {
        match credentials.authorization(self.name) {
            Presented::Nothing => Attempt::Absent,
            Presented::Token68(token) if token.len() <= self.max_length => {
                Attempt::Presented((self.verify)(token))
            }
            Presented::Token68(_) | Presented::Malformed => Attempt::invalid(),
        }
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bearer")
            .field("name", &self.name)
            .field("max_length", &self.max_length)
            .finish_non_exhaustive()
    }
}
