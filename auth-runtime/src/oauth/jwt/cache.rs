//! Tokens that have been verified.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::SystemTime;

use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
use jsonwebtoken::jwk::ThumbprintHash;
use serde_json::Value;

use super::key::Key;
use crate::model::principal::Principal;

/// A SHA-256.
pub(super) type Digest = [u8; 32];

pub(super) fn digest(text: &str) -> Option<Digest> {
    (DEFAULT_PROVIDER.key_utils.compute_digest)(text.as_bytes(), ThumbprintHash::SHA256)
        .ok()?
        .try_into()
        .ok()
}

/// Where a token is kept: the whole of it counts.
///
/// Header and payload are kept as they are: the claims are held in clear anyway, and without the
/// signature they are worth nothing to anybody. The signature, which makes a token of them, is kept
/// as its digest, which cannot be presented: a memory dump of the cache shows no token. A digest
/// of it all would do as well, and cost more than all else that is done for a known token.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    signed: &'a str,
    signature: Digest,
}

impl<'a> Place<'a> {
    pub(super) fn of(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let signature = digest(signature)?;
        Some(Self { signed, signature })
    }
}

/// What is known of a token whose signature has been verified.
#[derive(Clone)]
pub(super) struct Verified {
    /// The index of its issuer.
    pub(super) issuer: usize,
    pub(super) key: Arc<Key>,
    pub(super) principal: Principal,
}

/// The cache, in several parts so that workers seldom wait for each other.
pub(super) struct Cache {
    shards: Vec<RwLock<Shard>>,
    /// The bytes that a part may hold.
    capacity: usize,
}

#[derive(Default)]
struct Shard {
    entries: HashMap<Digest, Entry>,
    /// In the order in which they came. May name entries that are gone.
    order: VecDeque<Digest>,
    size: usize,
}

struct Entry {
    signed: Box<str>,
    verified: Verified,
    size: usize,
    /// It was asked for since it was last passed over.
    used: AtomicBool,
}

const SHARDS: usize = 16;

impl Cache {
    /// A cache that holds at most this many bytes, by the estimate of [`size_of`].
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            capacity: bytes / SHARDS,
        }
    }

    fn shard(&self, digest: &Digest) -> Option<&RwLock<Shard>> {
        self.shards.get(usize::from(*digest.first()?) % SHARDS)
    }

    pub(super) fn get(&self, place: Place<'_>) -> Option<Verified> {
        let shard = read(self.shard(&place.signature)?);
        let entry = shard.entries.get(&place.signature)?;
        if *entry.signed != *place.signed {
            return None;
        }
        entry.used.store(true, Ordering::Relaxed);
        Some(entry.verified.clone())
    }

    pub(super) fn put(&self, place: Place<'_>, verified: Verified, now: SystemTime) {
        let digest = place.signature;
        let size = size_of(&verified.principal) + place.signed.len();
        let Some(shard) = self.shard(&digest).filter(|_| size <= self.capacity) else {
            return;
        };
        let mut shard = write(shard);
        shard.remove(&digest);
        shard.make_room(size, self.capacity, now);
        shard.size += size;
        shard.order.push_back(digest);
        shard.entries.insert(
            digest,
            Entry {
                signed: place.signed.into(),
                verified,
                size,
                used: AtomicBool::new(false),
            },
        );
    }

    pub(super) fn remove(&self, place: Place<'_>) {
        if let Some(shard) = self.shard(&place.signature) {
            write(shard).remove(&place.signature);
        }
    }

    pub(super) fn clear(&self) {
        for shard in &self.shards {
            *write(shard) = Shard::default();
        }
    }

    /// How many tokens there are, and the estimate of the bytes that they take.
    pub(super) fn usage(&self) -> (usize, usize) {
        self.shards.iter().fold((0, 0), |(count, size), shard| {
            let shard = read(shard);
            (count + shard.entries.len(), size + shard.size)
        })
    }
}

impl Shard {
    fn remove(&mut self, digest: &Digest) {
        if let Some(entry) = self.entries.remove(digest) {
            self.size -= entry.size;
            self.order.retain(|other| other != digest);
        }
    }

    /// Drops the oldest that were not asked for lately. One that was gets a second chance.
    fn make_room(&mut self, size: usize, capacity: usize, now: SystemTime) {
        while self.size.saturating_add(size) > capacity {
            let Some(oldest) = self.order.pop_front() else {
                return;
            };
            let Some(entry) = self.entries.get(&oldest) else {
                continue;
            };
            let is_over = entry.verified.key.is_retired()
                || entry
                    .verified
                    .principal
                    .expires_at()
                    .is_some_and(|at| at <= now);
            if entry.used.swap(false, Ordering::Relaxed) && !is_over {
                self.order.push_back(oldest);
            } else if let Some(entry) = self.entries.remove(&oldest) {
                self.size -= entry.size;
            }
        }
    }
}

/// About how many bytes an entry takes. An estimate from above: what maps and allocations take
/// beside their content is counted by the piece.
pub(super) fn size_of(principal: &Principal) -> usize {
    const ENTRY: usize = 640;
    const MEMBER: usize = 96;
    const NAME: usize = 48;
    fn of(value: &Value) -> usize {
        MEMBER
            + match value {
                Value::String(text) => text.len(),
                Value::Array(elements) => elements.iter().map(of).sum(),
                Value::Object(members) => members
                    .iter()
                    .map(|(name, value)| name.len() + MEMBER + of(value))
                    .sum(),
                _ => 0,
            }
    }
    let names = principal
        .role_names()
        .chain(principal.scope_names())
        .chain(principal.permission_names())
        .map(|name| name.len() + NAME);
    let claims = principal.claims().iter();
    ENTRY
        + principal.subject().len()
        + names.sum::<usize>()
        + claims
            .map(|(name, value)| name.len() + MEMBER + of(value))
            .sum::<usize>()
}

fn read(shard: &RwLock<Shard>) -> RwLockReadGuard<'_, Shard> {
    shard.read().unwrap_or_else(PoisonError::into_inner)
}

fn write(shard: &RwLock<Shard>) -> RwLockWriteGuard<'_, Shard> {
    shard.write().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, size) = self.usage();
        f.debug_struct("Cache")
            .field("count", &count)
            .field("size", &size)
            .finish()
    }
}
