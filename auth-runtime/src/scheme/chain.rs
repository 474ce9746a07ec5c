//! One verifier, or else another.

use std::time::SystemTime;

use crate::model::principal::Principal;
use crate::model::secret::Secret;
use crate::scheme::{VerifyError, VerifyToken};

/// Asks one verifier, and another where the first does not know the token: signed tokens verified
/// here, opaque ones at the authorization server.
///
/// ```
/// use auth_runtime::VerifyError;
/// use auth_runtime::scheme::{Chain, VerifyToken};
/// use auth_runtime::{Auth, Bearer, Principal, Secret};
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
///     .scheme(Bearer::verifier(Chain::new(Signed, Opaque)))
///     .build()?;
/// # Ok::<(), auth_runtime::ConfigurationError>(())
/// ```
///
/// # Security
///
/// Only a token that the first calls invalid, or that stands for nobody, goes on to the second.
/// One that has expired, was [revoked](VerifyError::revoked), or cannot be judged now is refused
/// as the first says.
///
/// Put the verifier first that knows its own tokens from others', as `Jwt` does. An introspection
/// calls a token that was revoked as inactive as one that it never knew: behind it, a signed token
/// that was revoked there would be judged anew, by its signature alone.
///
/// The subjects of both are of one app: where two servers may give one `sub` to different people,
/// one of the verifiers puts a prefix before its own.
#[derive(Clone, Copy, Debug)]
pub struct Chain<First, Second> {
    first: First,
    second: Second,
}

impl<First: VerifyToken, Second: VerifyToken> Chain<First, Second> {
    /// Asks `first`, and `second` where `first` does not know the token.
    pub const fn new(first: First, second: Second) -> Self {
        Self { first, second }
    }
}

impl<First: VerifyToken, Second: VerifyToken> VerifyToken for Chain<First, Second> {
    async fn verify(&self, token: Secret<'static>) -> Result<Option<Principal>, VerifyError> {
        self.verify_at(token, SystemTime::now()).await
    }

    async fn verify_at(
        &self,
        token: Secret<'static>,
        now: SystemTime,
    ) -> Result<Option<Principal>, VerifyError> {
        match self.first.verify_at(token.clone(), now).await {
            Ok(Some(principal)) => Ok(Some(principal)),
            Ok(None) => self.second.verify_at(token, now).await,
            Err(error) if error.is_about_an_unknown_token() => {
                self.second.verify_at(token, now).await
            }
            Err(error) => Err(error),
        }
    }
}
