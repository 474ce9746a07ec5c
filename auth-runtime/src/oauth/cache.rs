//! What was found out about a token, kept for a while: bounded by the bytes that it takes.

use std::fmt;

use quick_cache::sync::{Cache as QuickCache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
#[cfg(any(feature = "jwt", feature = "introspection"))]
use sha2::{Digest as _, Sha256};

#[cfg(any(feature = "jwt", feature = "introspection"))]
use crate::model::principal::Principal;

/// A SHA-256: it tells whether two tokens are the same, and cannot be presented as one.
pub(crate) type Digest = [u8; 32];

#[cfg(any(feature = "jwt", feature = "introspection"))]
pub(crate) fn digest(text: &str) -> Digest {
    Sha256::digest(text.as_bytes()).into()
}

/// A cache in several parts, so that workers seldom wait for each other. What is full loses what
/// was not asked for lately. A limit of zero keeps nothing.
pub(crate) struct Cache<V>(Option<QuickCache<Digest, Weighed<V>, ByWeight>>);

#[derive(Clone)]
struct Weighed<V> {
    value: V,
    bytes: u64,
}

#[derive(Clone)]
struct ByWeight;

impl<V> Weighter<Digest, Weighed<V>> for ByWeight {
    fn weight(&self, _: &Digest, weighed: &Weighed<V>) -> u64 {
        weighed.bytes
    }
}

const PARTS: usize = 64;

/// What an entry takes on average. It decides only into how many parts a small cache is divided.
const AVERAGE: usize = 2048;

impl<V: Clone> Cache<V> {
    /// A cache that holds at most this many bytes, by the weights of its entries.
    pub(crate) fn new(bytes: usize) -> Self {
        // A multiple, for each part rounds its share up.
        let bytes = bytes - bytes % PARTS;
        let options = OptionsBuilder::new()
            .shards(PARTS)
            .estimated_items_capacity(bytes / AVERAGE)
            .weight_capacity(bytes as u64)
            .build();
        // The options that are required are there.
        let options = options.ok().filter(|_| bytes > 0);
        Self(options.map(|options| {
            QuickCache::with_options(
                options,
                ByWeight,
                DefaultHashBuilder::default(),
                DefaultLifecycle::default(),
            )
        }))
    }

    pub(crate) fn get(&self, key: &Digest) -> Option<V> {
        Some(self.0.as_ref()?.get(key)?.value)
    }

    pub(crate) fn put(&self, key: Digest, value: V, bytes: usize) {
        if let Some(cache) = &self.0 {
            let bytes = bytes.max(1) as u64;
            cache.insert(key, Weighed { value, bytes });
        }
    }

    #[cfg(any(feature = "jwt", feature = "introspection"))]
    pub(crate) fn remove(&self, key: &Digest) {
        if let Some(cache) = &self.0 {
            cache.remove(key);
        }
    }

    #[cfg(feature = "jwt")]
    pub(crate) fn clear(&self) {
        if let Some(cache) = &self.0 {
            cache.clear();
        }
    }

    /// How many entries there are, and how many bytes they take.
    pub(crate) fn usage(&self) -> (usize, usize) {
        self.0.as_ref().map_or((0, 0), |cache| {
            let bytes = usize::try_from(cache.weight()).unwrap_or(usize::MAX);
            (cache.len(), bytes)
        })
    }
}

impl<V: Clone> fmt::Debug for Cache<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, bytes) = self.usage();
        f.debug_struct("Cache")
            .field("count", &count)
            .field("bytes", &bytes)
            .finish()
    }
}

/// About how many bytes an entry takes. An estimate from above: what maps and allocations take
/// beside their content is counted by the piece.
#[cfg(any(feature = "jwt", feature = "introspection"))]
pub(crate) fn size_of(principal: &Principal) -> usize {
    const ENTRY: usize = 640;
    const MEMBER: usize = 96;
    const NAME: usize = 48;
    fn of(value: &serde_json::Value) -> usize {
        MEMBER
            + match value {
                serde_json::Value::String(text) => text.len(),
                serde_json::Value::Array(elements) => elements.iter().map(of).sum(),
                serde_json::Value::Object(members) => members
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

#[cfg(all(test, any(feature = "jwt", feature = "introspection")))]
mod tests {
    use super::*;

    #[test]
    fn it_never_holds_more_than_its_limit_and_keeps_what_is_asked_for() {
        let cache = Cache::new(64 * 1024);
        for number in 0..10_000_u64 {
            cache.put(digest(&number.to_string()), number, 1000);
            _ = cache.get(&digest("0"));
            let (count, bytes) = cache.usage();
            assert!(
                count > 0 && bytes <= 64 * 1024,
                "{count} entries, {bytes} bytes"
            );
        }
        assert_eq!(cache.get(&digest("0")), Some(0));
        // What does not fit is not kept, and drives nothing out.
        let before = cache.usage();
        cache.put(digest("large"), 0, 128 * 1024);
        assert_eq!(cache.usage(), before);
    }

    #[test]
    fn nothing_is_kept_where_there_is_no_room() {
        for bytes in [0, 1] {
            let cache = Cache::new(bytes);
            cache.put(digest("a"), (), 1);
            assert_eq!((cache.get(&digest("a")), cache.usage()), (None, (0, 0)));
        }
    }
}
