//! One verifier, and another for the tokens that the first does not know.

use super::bearer::VerifyToken;
use super::verification::VerifyError;
use crate::model::clock::Clock;
use crate::model::principal::Principal;
use crate::model::secret::Secret;

/// Asks one verifier, and another where the first does not know the token; made by
/// [`VerifyToken::or_else`].
#[derive(Clone, Copy, Debug)]
pub struct OrElse<First, Second> {
    first: First,
    second: Second,
}

impl<First, Second> OrElse<First, Second> {
    pub(super) const fn new(first: First, second: Second) -> Self {
        Self { first, second }
    }
}

impl<First: VerifyToken, Second: VerifyToken> VerifyToken for OrElse<First, Second> {
    async fn verify(&self, token: Secret<'static>) -> Result<Option<Principal>, VerifyError> {
        match self.first.verify(token.clone()).await {
            Ok(None) => self.second.verify(token).await,
            Err(error) if error.is_about_an_unknown_token() => self.second.verify(token).await,
            outcome => outcome,
        }
    }

    fn use_clock(&self, clock: &Clock) {
        self.first.use_clock(clock);
        self.second.use_clock(clock);
    }
}
