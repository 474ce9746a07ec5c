//! A verifier of signed tokens among other verifiers.

use super::verify::Jwt;
use crate::model::clock::Clock;
use crate::model::principal::Principal;
use crate::model::secret::Secret;
use crate::scheme::{Rejection, Verification, VerifyError, VerifyToken};

/// For [`or_else`](VerifyToken::or_else) with another verifier, and for
/// [`Revocations::protect`](crate::oauth::revocation::Revocations::protect). By itself, a `Jwt` goes to
/// [`Bearer::jwt`](crate::Bearer::jwt).
///
/// A token in three parts is verified here alone: no other verifier is asked about it, or a signed
/// token that was revoked here could be accepted there.
impl VerifyToken for Jwt {
    async fn verify(&self, token: Secret<'static>) -> Result<Option<Principal>, VerifyError> {
        let is_signed = token.expose().split('.').count() == 3;
        let outcome = match self.verify_at(token.expose(), self.now()) {
            Verification::Ready(outcome) => outcome,
            Verification::Pending(outcome) => outcome.await,
        };
        match outcome {
            Ok(principal) => Ok(Some(principal)),
            Err(Rejection::Expired) => Err(VerifyError::expired()),
            Err(Rejection::Invalid) if is_signed => Err(VerifyError::revoked()),
            Err(Rejection::Invalid) => Err(VerifyError::invalid()),
            Err(Rejection::TooMany { retry_after }) => Err(VerifyError::too_many(retry_after)),
            Err(Rejection::Unavailable {
                retry_after,
                because,
            }) => Err(VerifyError::unavailable()
                .retry_after(retry_after)
                .because(because)),
            Err(Rejection::Ended) => Err(VerifyError::revoked()),
            Err(Rejection::Misconfigured(what)) => Err(VerifyError::unavailable().because(what)),
            Err(Rejection::Panicked) => {
                Err(VerifyError::unavailable().because("the verifier panicked"))
            }
        }
    }

    fn use_clock(&self, clock: &Clock) {
        self.clock().hand(clock);
    }
}
