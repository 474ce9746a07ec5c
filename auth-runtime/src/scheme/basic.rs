//! `Basic` authentication (RFC 7617).

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::limit::Ending;
use super::{Attempt, AttemptLimiter, IntoVerified, Rejection, Scheme, Verification, VerifyError};
use crate::http::credentials::{Credentials, Presented};
use crate::model::clock::Clock;
use crate::model::principal::Principal;
use crate::model::secret::Secret;

/// Verifies a user and password: the trait form of [`Basic::new`], for a verifier with state.
pub trait VerifyPassword: Send + Sync + 'static {
    /// The principal of this user, or `None` where the password is wrong or there is no such user.
    ///
    /// # Errors
    ///
    /// See [`VerifyError`].
    fn verify(
        &self,
        user: String,
        password: Secret<'static>,
    ) -> impl Future<Output = Result<Option<Principal>, VerifyError>>;
}

type Verify = dyn Fn(String, Secret<'static>) -> Verification + Send + Sync;

/// The longest `Authorization: Basic` value that is decoded, in bytes.
const MAX_LENGTH: usize = 8192;

/// User and password in the `Authorization` header (RFC 7617).
///
/// The challenge is `Basic realm="…", charset="UTF-8"`; both are read as UTF-8 (RFC 7617 §2.1),
/// exactly as sent, without Unicode normalisation: a client is to send NFC.
///
/// Hashing a password takes tens of milliseconds by design: do it on the thread pool that blocks,
/// so that the other requests of the worker go on.
///
/// ```
/// use actix_web::web;
/// use auth_runtime::{Auth, Basic, Principal, Secret, VerifyError};
///
/// /// Compares with the stored hash of the user, or with a dummy hash where there is none.
/// fn matches_argon2_hash(user: &str, password: &str) -> bool {
///     # _ = (user, password); false
///     /* argon2::PasswordVerifier::verify_password(..).is_ok() */
/// }
///
/// let auth = Auth::builder()
///     .realm("articles")
///     .scheme(Basic::new(|user: String, password: Secret<'static>| async move {
///         let name = user.clone();
///         let matches = web::block(move || matches_argon2_hash(&name, password.expose()))
///             .await
///             .map_err(VerifyError::unavailable_because)?;
///         Ok::<_, VerifyError>(matches.then(|| Principal::new(user)))
///     }))
///     .build()?;
/// # Ok::<(), auth_runtime::ConfigurationError>(())
/// ```
///
/// # Security
///
/// Use it over TLS only: the password is sent with each request, in clear (RFC 7617 §4);
/// [`require_tls`](Self::require_tls) sees to it. A browser that is challenged asks its user for a
/// password: see [`AuthBuilder::basic_prompt`](crate::AuthBuilder::basic_prompt). Have wrong
/// passwords counted ([`limited`](Self::limited)). Do the
/// same work for an unknown user as for a known one, or the time tells them apart. The answers are
/// the same bytes by themselves.
#[derive(Clone)]
pub struct Basic {
    verify: Arc<Verify>,
    requires_tls: bool,
    limiter: Option<AttemptLimiter>,
}

impl Basic {
    /// Verifies with an async closure or function of the user and the password.
    pub fn new<F, Fut>(verify: F) -> Self
    where
        F: Fn(String, Secret<'static>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: IntoVerified> + 'static,
    {
        Self::from_arc(Arc::new(move |user, password| {
            Verification::pending(verify(user, password))
        }))
    }

    /// Verifies with a function that answers at once. Not for password hashes: see [`Basic`].
    pub fn sync<F, V>(verify: F) -> Self
    where
        F: Fn(String, Secret<'static>) -> V + Send + Sync + 'static,
        V: IntoVerified,
    {
        Self::from_arc(Arc::new(move |user, password| {
            Verification::ready(verify(user, password))
        }))
    }

    /// Verifies with an implementation of [`VerifyPassword`].
    pub fn verifier(verifier: impl VerifyPassword) -> Self {
        let verifier = Arc::new(verifier);
        Self::new(move |user, password| {
            let verifier = Arc::clone(&verifier);
            async move { verifier.verify(user, password).await }
        })
    }

    /// Refuses passwords that did not come over TLS, with 403 and before they are read, and asks
    /// for none where they would not (RFC 7617 §4).
    ///
    /// Off by default: a server behind a proxy that ends TLS sees plain HTTP. Such a proxy has to be
    /// named in [`trusted_proxies`](crate::AuthBuilder::trusted_proxies), and to say
    /// `X-Forwarded-Proto: https`, overwriting what the client sent, or `proto=https` in
    /// `Forwarded`; no other peer is believed.
    ///
    /// A password that came in clear has been seen by others whatever is answered: the client
    /// should change it.
    #[must_use]
    pub fn require_tls(mut self, on: bool) -> Self {
        self.requires_tls = on;
        self
    }

    /// Refuses users and passwords with 429 where too many were wrong: see [`AttemptLimiter`].
    ///
    /// Without it, passwords can be guessed as fast as they are verified. An account is counted by
    /// the user's name as it was sent, but for case and spaces around it: find users by comparing
    /// characters, for to a database that takes `á` for `a` one account has many names.
    #[must_use]
    pub fn limited(mut self, limiter: &AttemptLimiter) -> Self {
        self.limiter = Some(limiter.clone());
        self
    }

    fn from_arc(verify: Arc<Verify>) -> Self {
        Self {
            verify,
            requires_tls: false,
            limiter: None,
        }
    }
}

impl Scheme for Basic {
    fn name(&self) -> &'static str {
        "Basic"
    }

    fn challenge_parameters(&self) -> &[(&'static str, &'static str)] {
        // RFC 7617 §2.1: the only value there is.
        &[("charset", "UTF-8")]
    }

    fn requires_tls(&self) -> bool {
        self.requires_tls
    }

    fn recheck_interval(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn use_clock(&self, clock: &Clock) {
        if let Some(limiter) = &self.limiter {
            limiter.use_clock(clock);
        }
    }

    fn authenticate(&self, credentials: &Credentials<'_>) -> Attempt {
        match credentials.authorization("Basic") {
            Presented::Nothing => Attempt::Absent,
            Presented::Token68(value) => match decode(value) {
                Some((user, password)) => Attempt::Presented(match &self.limiter {
                    None => (self.verify)(user, password),
                    Some(limiter) => {
                        let address = credentials.client_address();
                        let verify = Arc::clone(&self.verify);
                        limited(limiter.clone(), address, verify, user, password)
                    }
                }),
                None => Attempt::invalid(),
            },
            Presented::Malformed => Attempt::invalid(),
        }
    }
}

fn limited(
    limiter: AttemptLimiter,
    address: Option<IpAddr>,
    verify: Arc<Verify>,
    user: String,
    password: Secret<'static>,
) -> Verification {
    Verification::Pending(Box::pin(async move {
        let account = user.clone();
        let verification = async {
            match verify(user, password) {
                Verification::Ready(outcome) => outcome,
                Verification::Pending(outcome) => outcome.await,
            }
        };
        let ending = |outcome: &Result<Principal, Rejection>| match outcome {
            Ok(_) => Ending::Right,
            Err(Rejection::Unavailable { .. }) => Ending::Unknown,
            Err(_) => Ending::Wrong,
        };
        let watched = limiter.watch(address, &account, verification, ending);
        watched.await?
    }))
}

/// RFC 7617 §2: `user-pass = user-id ":" password`, base64 of RFC 4648 §4, without control
/// characters; the first colon separates.
fn decode(value: &str) -> Option<(String, Secret<'static>)> {
    if value.len() > MAX_LENGTH {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
    if text.chars().any(char::is_control) {
        return None;
    }
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), Secret::new(password.to_owned())))
}

impl fmt::Debug for Basic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Basic").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(value: &str) -> Option<(String, String)> {
        decode(value).map(|(user, password)| (user, password.expose().to_owned()))
    }

    #[test]
    fn rfc_7617_examples_are_decoded() {
        let pair = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
        assert_eq!(
            decoded("QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            pair("Aladdin", "open sesame")
        );
        assert_eq!(decoded("dGVzdDoxMjPCow=="), pair("test", "123\u{a3}"));
    }

    #[test]
    fn basic_03_the_first_colon_separates() {
        let encode = |text: &str| STANDARD.encode(text);
        assert_eq!(decoded(&encode("a:b:c")), Some(("a".into(), "b:c".into())));
        assert_eq!(decoded(&encode(":p")), Some((String::new(), "p".into())));
        assert_eq!(decoded(&encode("u:")), Some(("u".into(), String::new())));
        assert_eq!(decoded(&encode("no colon")), None);
    }

    #[test]
    fn basic_04_to_06_what_is_not_clean_is_refused() {
        for text in ["u\0:p", "u:p\r", "u:p\n", "u\u{7f}:p", "u:\u{85}"] {
            assert_eq!(decoded(&STANDARD.encode(text)), None, "{text:?}");
        }
        assert_eq!(decoded(&STANDARD.encode(b"u:\xff")), None);
        for value in [
            "QWxhZGRpbjpvcGVuIHNlc2FtZQ",
            "QWxhZGRpbjpvcGVuIHNlc2FtZQ===",
            "QWxh-_==",
            "QQ==QQ==",
            "=",
        ] {
            assert_eq!(decoded(value), None, "{value:?}");
        }
    }
}
