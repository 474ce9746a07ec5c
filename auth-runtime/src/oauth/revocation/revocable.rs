//! A verifier whose tokens can be revoked.

use super::{MemoryRevocations, RevocationStore, Revocations};
use crate::model::clock::Clock;
use crate::model::principal::Principal;
use crate::model::secret::Secret;
use crate::scheme::{VerifyError, VerifyToken};

/// Accepts what its verifier accepts and was not revoked; made by [`Revocations::protect`].
///
/// A revoked token is looked for by itself, by the claims `iss` and `jti` of its principal, and by
/// `iss` and the principal's subject or its claim `sub`. A verifier whose principals have no claims
/// leaves the token itself and the subject.
#[derive(Debug)]
pub struct Revocable<V, S = MemoryRevocations> {
    verifier: V,
    revocations: Revocations<S>,
}

impl<V, S> Revocable<V, S> {
    pub(super) const fn new(verifier: V, revocations: Revocations<S>) -> Self {
        Self {
            verifier,
            revocations,
        }
    }
}

impl<V: VerifyToken, S: RevocationStore> VerifyToken for Revocable<V, S> {
    async fn verify(&self, token: Secret<'static>) -> Result<Option<Principal>, VerifyError> {
        // A token that is not valid is not asked about: strangers cannot keep the store busy.
        let Some(principal) = self.verifier.verify(token.clone()).await? else {
            return Ok(None);
        };
        match self.revocations.is_revoked(&token, &principal).await {
            Ok(false) => Ok(Some(principal)),
            Ok(true) => Err(VerifyError::revoked().because("the token was revoked")),
            Err(error) => Err(VerifyError::unavailable().because(error)),
        }
    }

    fn use_clock(&self, clock: &Clock) {
        self.revocations.use_clock(clock);
        self.verifier.use_clock(clock);
    }
}
