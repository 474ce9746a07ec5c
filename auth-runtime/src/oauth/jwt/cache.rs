//! Tokens that have been verified.

use std::sync::Arc;

use super::key::Key;
use crate::model::principal::Principal;
use crate::oauth::cache::{Cache, Digest, digest, size_of};

/// What is known of a token whose signature has been verified.
pub(super) struct Verified {
    signed: Box<str>,
    /// The index of its issuer.
    pub(super) issuer: usize,
    pub(super) key: Arc<Key>,
    pub(super) principal: Principal,
}

/// Where a token is kept: the whole of it counts.
///
/// Header and payload are kept as they are: the claims are held in clear anyway, and without the
/// signature they are worth nothing. The signature, which makes a token of them, is kept as its
/// digest, which cannot be presented: a memory dump of the cache shows no token. A digest of it all
/// would do as well, and cost more than all else that is done for a known token.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    cache: &'a Cache<Arc<Verified>>,
    signed: &'a str,
    signature: Digest,
}

impl<'a> Place<'a> {
    pub(super) fn of(token: &'a str, cache: &'a Cache<Arc<Verified>>) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        Some(Self {
            cache,
            signed,
            signature: digest(signature),
        })
    }

    pub(super) fn get(&self) -> Option<Arc<Verified>> {
        let verified = self.cache.get(&self.signature)?;
        (*verified.signed == *self.signed).then_some(verified)
    }

    pub(super) fn put(&self, issuer: usize, key: Arc<Key>, principal: &Principal) {
        let bytes = size_of(principal) + self.signed.len();
        let verified = Verified {
            signed: self.signed.into(),
            issuer,
            key,
            principal: principal.clone(),
        };
        self.cache.put(self.signature, Arc::new(verified), bytes);
    }

    pub(super) fn remove(&self) {
        self.cache.remove(&self.signature);
    }
}
