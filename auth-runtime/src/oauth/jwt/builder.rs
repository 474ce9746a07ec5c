//! Building a verifier.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::fault::JwtError;
use super::issuer::Issuer;
use super::verify::{Hook, Jwt, Settings};
use crate::model::clock::{Clock, ClockSlot};
use crate::model::principal::Principal;
use crate::oauth::cache::Cache;
use crate::scheme::{IntoVerified, Verification};

/// The longest leeway.
pub(super) const MAX_LEEWAY: Duration = Duration::from_secs(300);

/// Collects the settings of a [`Jwt`].
#[must_use = "the settings take effect when they are given to `Bearer::jwt`"]
pub struct JwtBuilder {
    issuers: Vec<Issuer>,
    audiences: Vec<String>,
    leeway: Duration,
    shared_subjects: bool,
    cache: usize,
    user: Option<Hook>,
    max_length: usize,
    clock: ClockSlot,
}

impl JwtBuilder {
    pub(super) fn new() -> Self {
        Self {
            issuers: Vec::new(),
            audiences: Vec::new(),
            leeway: Duration::from_secs(30),
            shared_subjects: false,
            cache: 16 * 1024 * 1024,
            user: None,
            max_length: 8192,
            clock: ClockSlot::default(),
        }
    }

    /// Trusts an issuer. Several may be given; a token is verified by the rules of the one that it names.
    pub fn issuer(mut self, issuer: Issuer) -> Self {
        self.issuers.push(issuer);
        self
    }

    /// Accepts tokens for this audience, the name of this service with its issuers. Several may be
    /// given, and an issuer may have its own. Required: a token for another service is not for this
    /// one (RFC 8725 §3.9).
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// By how much the issuer's clock may differ, for `exp` and `nbf`. The default is 30 seconds;
    /// more than 300 are an error.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Says that several issuers never give the same `sub` to different people, so that they need
    /// no [`Issuer::subject_prefix`].
    pub fn shared_subjects(mut self, on: bool) -> Self {
        self.shared_subjects = on;
        self
    }

    /// How many bytes of verified tokens are kept, so that their signatures need not be verified
    /// again. The default is 16 MiB; a token of ten claims takes about 3 KiB. Zero keeps none.
    ///
    /// Time, issuer and audience are checked for every request all the same, and a
    /// token is forgotten with the key that signed it. Of its signature a digest is kept, so that
    /// what is kept cannot be presented.
    pub fn cache_size(mut self, bytes: usize) -> Self {
        self.cache = bytes;
        self
    }

    /// Turns the principal of a valid token into that of the app: an async function that may ask a
    /// database, add roles, attach a user with [`Principal::with`], or answer `None`, which is 401.
    /// An error is what the hook says it is: [`VerifyError`](crate::VerifyError). It is called once a request, also for tokens that are cached.
    ///
    /// Whatever principal comes of it, it ends with the token at the latest, and has the token's
    /// `iss`, `sub`, `jti` and `iat`, by which it is revoked, where it has no claims of these names.
    ///
    /// ```
    /// use auth_runtime::oauth::jwt::Jwt;
    /// use auth_runtime::{Principal, VerifyError};
    ///
    /// struct User { id: u64 }
    ///
    /// async fn find_user(subject: &str) -> Result<Option<User>, std::io::Error> {
    ///     # _ = subject; Ok(None)
    ///     /* a database look-up */
    /// }
    ///
    /// let jwt = Jwt::builder().user(|principal: Principal| async move {
    ///     let user = find_user(principal.subject())
    ///         .await
    ///         .map_err(VerifyError::unavailable_because)?;
    ///     Ok::<_, VerifyError>(user.map(|user| principal.with(user)))
    /// });
    /// ```
    pub fn user<F, Fut>(mut self, hook: F) -> Self
    where
        F: Fn(Principal) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: IntoVerified> + 'static,
    {
        self.user = Some(Arc::new(move |principal| {
            Verification::pending(hook(principal))
        }));
        self
    }

    /// As [`user`](Self::user), for a function that answers at once.
    pub fn user_sync<F, V>(mut self, hook: F) -> Self
    where
        F: Fn(Principal) -> V + Send + Sync + 'static,
        V: IntoVerified,
    {
        self.user = Some(Arc::new(move |principal| {
            Verification::ready(hook(principal))
        }));
        self
    }

    /// The longest token that is looked at, in bytes. The default is 8192, as for
    /// [`Bearer::max_length`](crate::Bearer::max_length), which also applies.
    pub fn max_length(mut self, bytes: usize) -> Self {
        self.max_length = bytes;
        self
    }

    /// Sets the clock by which tokens expire. The default is that of the
    /// [configuration](crate::AuthBuilder::clock) that uses the verifier.
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = ClockSlot::set(Clock::new(clock));
        self
    }

    /// Checks the settings and makes the verifier.
    ///
    /// # Errors
    ///
    /// [`JwtError`] where a setting is missing or cannot be used. Keys from a URL are fetched
    /// later: an issuer that is down does not keep the app from starting.
    pub fn build(self) -> Result<Jwt, JwtError> {
        if self.leeway > MAX_LEEWAY {
            return Err(JwtError::Leeway(self.leeway));
        }
        if self.issuers.is_empty() {
            return Err(JwtError::NoIssuer);
        }
        if !self.shared_subjects && has_ambiguous_subjects(&self.issuers) {
            return Err(JwtError::AmbiguousSubjects);
        }
        for (position, issuer) in self.issuers.iter().enumerate() {
            let mut earlier = self.issuers.iter().take(position);
            if earlier.any(|other| other.name() == issuer.name()) {
                return Err(JwtError::IssuerName(
                    issuer.name().unwrap_or("(without name)").to_owned(),
                ));
            }
        }
        let issuers = self
            .issuers
            .into_iter()
            .map(|issuer| issuer.build(&self.audiences, self.leeway))
            .collect::<Result<_, _>>()?;
        Ok(Jwt::new(Settings {
            issuers,
            cache: Cache::new(self.cache),
            user: self.user,
            max_length: self.max_length,
            clock: self.clock,
        }))
    }
}

/// RFC 9068 §5: a `sub` means something with its issuer only. A subject made of prefix and `sub`
/// is that of one issuer where no prefix is the beginning of another.
fn has_ambiguous_subjects(issuers: &[Issuer]) -> bool {
    issuers.iter().enumerate().any(|(position, issuer)| {
        let prefix = issuer.prefix().unwrap_or_default();
        issuers.iter().enumerate().any(|(other, issuer)| {
            other != position && issuer.prefix().unwrap_or_default().starts_with(prefix)
        })
    })
}

impl fmt::Debug for JwtBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtBuilder")
            .field("issuers", &self.issuers)
            .field("audiences", &self.audiences)
            .finish_non_exhaustive()
    }
}

/// What [`Bearer::jwt`](crate::Bearer::jwt) takes: a [`Jwt`], or the settings of one, whose errors
/// are then told by [`AuthBuilder::build`](crate::AuthBuilder::build).
pub trait IntoJwt {
    /// The verifier.
    ///
    /// # Errors
    ///
    /// Those of [`JwtBuilder::build`].
    fn into_jwt(self) -> Result<Jwt, JwtError>;
}

impl IntoJwt for Jwt {
    fn into_jwt(self) -> Result<Jwt, JwtError> {
        Ok(self)
    }
}

impl IntoJwt for JwtBuilder {
    fn into_jwt(self) -> Result<Jwt, JwtError> {
        self.build()
    }
}

impl<E: Into<JwtError>> IntoJwt for Result<Jwt, E> {
    fn into_jwt(self) -> Result<Jwt, JwtError> {
        self.map_err(Into::into)
    }
}
