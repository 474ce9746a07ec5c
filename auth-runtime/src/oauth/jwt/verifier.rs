//! A verifier of signed tokens among other verifiers.

use std::time::SystemTime;

use super::verify::Jwt;
use crate::model::principal::Principal;
use crate::model::secret::Secret;
use crate::scheme::{Rejection, Verification, VerifyError, VerifyToken};

/// For a [`Chain`](crate::scheme::Chain) with another verifier, and for
/// [`Revocations::protect`](crate::oauth::revocation::Revocations::protect). By itself, a `Jwt` goes to
/// [`Bearer::jwt`](crate::Bearer::jwt).
///
/// A token in three parts is judged here alone: a chain asks nobody else about it, or a signed
/// token that was taken back here could be good there.
impl VerifyToken for Jwt {
    async fn verify(&self, token: Secret<'static>) -> Result<Option<Principal>, VerifyError> {
        self.verify_at(token, SystemTime::now()).await
    }

    async fn verify_at(
        &self,
        token: Secret<'static>,
        now: SystemTime,
    ) -> Result<Option<Principal>, VerifyError> {
        let is_signed = token.expose().split('.').count() == 3;
        let outcome = match Self::verify(self, token.expose(), now) {
            Verification::Ready(outcome) => outcome,
            Verification::Pending(outcome) => outcome.await,
        };
        match outcome {
            Ok(principal) => Ok(Some(principal)),
            Err(Rejection::Expired) => Err(VerifyError::expired()),
            Err(Rejection::Invalid) if is_signed => Err(VerifyError::revoked()),
            Err(Rejection::Invalid) => Err(VerifyError::invalid()),
            Err(Rejection::Unavailable {
                retry_after,
                because,
            }) => Err(VerifyError::unavailable()
                .retry_after(retry_after)
                .because(because)),
            Err(Rejection::Panicked) => {
                Err(VerifyError::unavailable().because("the verifier panicked"))
            }
        }
    }
}
