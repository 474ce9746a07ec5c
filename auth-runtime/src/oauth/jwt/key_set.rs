//! The keys of an issuer.

use std::sync::Arc;

use serde_json::Value;

use super::algorithm::{Algorithm, Family};
use super::fault::JwtError;
use super::key::Key;
use super::token::Token;
use crate::http::escape::escaped;
use crate::http::json;

/// How many keys are tried for a token that names none: each costs a verification.
const TRIED_WITHOUT_ID: usize = 4;

/// How many keys a set may have.
const MOST_KEYS: usize = 256;

/// What of a published set cannot be used, for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// This key is not understood, or is no key.
    Key(Option<String>, JwtError),
    /// Another key has the same id and algorithm.
    Ambiguous(Option<String>),
    /// This RSA key does not name its algorithm, and serves only the first that is allowed.
    OtherAlgorithms(Option<String>, Algorithm),
}

impl Unusable {
    fn log(&self, place: &str) {
        let shown = |id: &Option<String>| escaped(id.as_deref().unwrap_or("(none)")).into_owned();
        match self {
            Self::Key(id, problem) => {
                tracing::debug!(target: "auth_runtime", place, kid = shown(id), %problem, "a published key is left out");
            }
            Self::Ambiguous(id) => {
                tracing::warn!(target: "auth_runtime", place, kid = shown(id), "different keys are published under one id and algorithm: they are left out");
            }
            Self::OtherAlgorithms(id, algorithm) => {
                tracing::warn!(
                    target: "auth_runtime", place, kid = shown(id),
                    "a published RSA key does not name its algorithm (`alg`), and several are allowed: it serves `{algorithm}` alone, the first in `.algorithms([..])`"
                );
            }
        }
    }

    /// Logs what was not there the last time.
    pub(super) fn log_new(now: &[Self], before: &[Self], place: &str) {
        for unusable in now.iter().filter(|one| !before.contains(one)) {
            unusable.log(place);
        }
    }
}

/// The keys of one issuer at one time.
#[derive(Debug, Default)]
pub(super) struct KeySet(Vec<Arc<Key>>);

impl KeySet {
    pub(super) fn of(keys: Vec<Arc<Key>>) -> Self {
        Self(keys)
    }

    /// Reads a JWK Set (RFC 7517 §5) of public keys for these algorithms.
    ///
    /// Keys that are not understood are left out, and so are symmetric ones: what anyone may fetch
    /// is no secret. Of several keys of one id (§4.5) each serves its own algorithm; those of one
    /// id and algorithm that differ are all left out, for which one is meant cannot be told. A set
    /// that publishes a private key is not to be trusted at all.
    pub(super) fn read(
        document: &[u8],
        allowed: &[Algorithm],
    ) -> Result<(Self, Vec<Unusable>), &'static str> {
        let document = json::object(document).ok_or("it is not one JSON object")?;
        let keys = document
            .get("keys")
            .and_then(Value::as_array)
            .ok_or("it has no `keys`")?;
        if keys.len() > MOST_KEYS {
            return Err("it has too many keys");
        }
        let mut rsa = allowed
            .iter()
            .copied()
            .filter(|algorithm| algorithm.family() == Family::Rsa);
        let for_rsa = rsa.next().unwrap_or(Algorithm::Rs256);
        let is_rsa_ambiguous = rsa.next().is_some();
        let mut read: Vec<Arc<Key>> = Vec::new();
        let mut unusable = Vec::new();
        for members in keys.iter().filter_map(Value::as_object) {
            let has = |name: &str| members.get(name).is_some_and(|value| !value.is_null());
            if has("d") {
                return Err("it publishes a private key");
            }
            let key = match Key::of_jwk(members, for_rsa) {
                Ok(key) => Arc::new(key),
                Err(problem) => {
                    let id = members
                        .get("kid")
                        .and_then(Value::as_str)
                        .map(str::to_owned);
                    unusable.push(Unusable::Key(id, problem));
                    continue;
                }
            };
            if !allowed.iter().any(|one| one.is_same_as(key.algorithm())) {
                continue;
            }
            if key.algorithm().family() == Family::Rsa && !has("alg") && is_rsa_ambiguous {
                unusable.push(Unusable::OtherAlgorithms(
                    key.id().map(str::to_owned),
                    for_rsa,
                ));
            }
            if !read.iter().any(|other| other.is_same_as(&key)) {
                read.push(key);
            }
        }
        let is_ambiguous = |key: &Arc<Key>| {
            let same = |other: &&Arc<Key>| {
                other.id() == key.id() && other.algorithm().is_same_as(key.algorithm())
            };
            key.id().is_some() && read.iter().filter(same).count() > 1
        };
        let (ambiguous, kept): (Vec<_>, Vec<_>) = read.iter().cloned().partition(is_ambiguous);
        for key in ambiguous {
            let one = Unusable::Ambiguous(key.id().map(str::to_owned));
            if !unusable.contains(&one) {
                unusable.push(one);
            }
        }
        Ok((Self(kept), unusable))
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

    /// Why none of the keys made the signature, and whether one has the id that the token names.
    pub(super) fn why_none_signed(&self, token: &Token<'_>) -> (bool, &'static str) {
        let Some(id) = token.key_id.as_deref() else {
            return (
                false,
                "it names no key (`kid`), and the signature is not that of one of the first four for its algorithm",
            );
        };
        let mut named = self.0.iter().filter(|key| key.id() == Some(id)).peekable();
        if named.peek().is_none() {
            return (false, "no key has the id that it names");
        }
        if named.any(|key| key.algorithm().is_same_as(token.algorithm)) {
            (true, "the signature is not that of the key that it names")
        } else {
            (true, "the key that it names is for another algorithm")
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Key>> {
        self.0.iter()
    }
}
