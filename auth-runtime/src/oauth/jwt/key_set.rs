//! The keys of an issuer.

use std::sync::Arc;

use serde_json::Value;

use super::algorithm::{Algorithm, Family};
use super::key::Key;
use crate::http::json;

/// How many keys are tried for a token that names none: each costs a verification.
const TRIED_WITHOUT_ID: usize = 4;

/// How many keys a set may have.
const MOST_KEYS: usize = 256;

/// The keys of one issuer at one time.
#[derive(Debug, Default)]
pub(super) struct KeySet(Vec<Arc<Key>>);

impl KeySet {
    pub(super) fn of(keys: Vec<Arc<Key>>) -> Self {
        Self(keys)
    }

    /// Reads a JWK Set (RFC 7517 §5) of public keys for these algorithms.
    ///
    /// Keys that are not understood are left out, and so are symmetric ones: what anybody may
    /// fetch is no secret. A set that publishes a private key, or two keys under one id, is not
    /// to be trusted at all.
    pub(super) fn read(document: &[u8], allowed: &[Algorithm]) -> Result<Self, &'static str> {
        let document = json::object(document).ok_or("it is not one JSON object")?;
        let keys = document
            .get("keys")
            .and_then(Value::as_array)
            .ok_or("it has no `keys`")?;
        if keys.len() > MOST_KEYS {
            return Err("it has too many keys");
        }
        let rsa = allowed
            .iter()
            .copied()
            .find(|algorithm| algorithm.family() == Family::Rsa)
            .unwrap_or(Algorithm::Rs256);
        let mut read: Vec<Arc<Key>> = Vec::new();
        for key in keys.iter().filter_map(Value::as_object) {
            if key.contains_key("d") {
                return Err("it publishes a private key");
            }
            let Ok(key) = Key::of_jwk(key, rsa) else {
                continue;
            };
            if !allowed.iter().any(|one| one.is_same_as(key.algorithm())) {
                continue;
            }
            if key.id().is_some() && read.iter().any(|other| other.id() == key.id()) {
                return Err("two of its keys have the same id");
            }
            read.push(Arc::new(key));
        }
        Ok(Self(read))
    }

    /// The same set, with the keys that `old` has already, and those that it has no longer retired.
    pub(super) fn replacing(self, old: &Self) -> Self {
        let kept = self.0.into_iter().map(|key| {
            let known = old.0.iter().find(|other| other.is_same_as(&key));
            known.cloned().unwrap_or(key)
        });
        let set = Self(kept.collect());
        for key in &old.0 {
            if !set.0.iter().any(|other| Arc::ptr_eq(other, key)) {
                key.retire();
            }
        }
        set
    }

    /// The keys that may have signed a token with this header. The id is compared, never
    /// interpreted (RFC 8725 §3.10).
    pub(super) fn candidates(&self, id: Option<&str>, algorithm: Algorithm) -> Vec<&Arc<Key>> {
        let fitting = |key: &&Arc<Key>| key.algorithm().is_same_as(algorithm);
        if let Some(id) = id
            && self.0.iter().any(|key| key.id() == Some(id))
        {
            let named = self.0.iter().filter(|key| key.id() == Some(id));
            return named.filter(fitting).collect();
        }
        let unnamed = self
            .0
            .iter()
            .filter(|key| id.is_none() || key.id().is_none());
        unnamed.filter(fitting).take(TRIED_WITHOUT_ID).collect()
    }

    /// Whether a key has this very id.
    pub(super) fn names(&self, id: Option<&str>) -> bool {
        id.is_some() && self.0.iter().any(|key| key.id() == id)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Key>> {
        self.0.iter()
    }
}
