//! Revocations that several servers share through Redis.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use redis::Pipeline;

use super::{RevocationError, RevocationKey, RevocationStore};
use crate::scheme::redis::{Failed, Redis};

/// Remembers revocations in Redis, version 7 or later, for all servers that reach it.
///
/// ```no_run
/// use auth_runtime::oauth::revocation::{RedisRevocations, RevocationError, Revocations};
///
/// let revocations = Revocations::new(RedisRevocations::new("redis://127.0.0.1:6379/0")?);
/// # Ok::<(), RevocationError>(())
/// ```
///
/// One key for each revocation, which Redis drops when the token has expired. Keys hold digests:
/// neither tokens nor subjects can be read from them. It connects when it is first used, and again
/// when the connection is lost. A `rediss://` URL needs the feature `tokio-rustls-comp` of the
/// crate `redis`.
///
/// # Security
///
/// Who can write to this Redis can take revocations back. Run it with `maxmemory-policy
/// noeviction` (Redis' default): one that evicts keys when memory is short forgets revocations. So
/// does one that starts anew without its data: have it persist them (`appendonly yes`).
#[derive(Clone)]
pub struct RedisRevocations {
    pub(super) redis: Redis,
    prefix: Arc<str>,
}

/// The one member of the sorted set that a key holds: its score is the instant of the revocation,
/// in seconds since the epoch, and Redis can be told to raise it and never to lower it.
const MEMBER: &str = "at";

impl RedisRevocations {
    /// Revocations in the Redis at this URL: `redis://[user:password@]host[:port][/database]`.
    ///
    /// # Errors
    ///
    /// Where the URL cannot be used. It does not connect yet.
    pub fn new(url: &str) -> Result<Self, RevocationError> {
        let redis =
            Redis::open(url).ok_or(RevocationError::Settings("the Redis URL cannot be used"))?;
        Ok(Self {
            redis,
            prefix: "auth:revoked:".into(),
        })
    }

    /// Sets what the names of the keys begin with. The default is `auth:revoked:`. Servers that
    /// share revocations have the same.
    #[must_use]
    pub fn prefix(mut self, prefix: &str) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets how long connecting may take, and how long an answer. The default is half a second
    /// each.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.redis = self.redis.with_timeout(limit);
        self
    }

    fn key(&self, key: &RevocationKey) -> String {
        format!("{}{}", self.prefix, key.to_hex())
    }

    /// The name of the key that holds the sessions of a subject.
    #[cfg(feature = "session")]
    pub(super) fn sessions_key(&self, subject: &RevocationKey) -> String {
        format!("{}sessions:{}", self.prefix, subject.to_hex())
    }
}

impl From<Failed> for RevocationError {
    fn from(Failed(because): Failed) -> Self {
        Self::Unavailable(because)
    }
}

impl RevocationStore for RedisRevocations {
    async fn find(
        &self,
        keys: &[RevocationKey],
        now: SystemTime,
    ) -> Result<Vec<Option<SystemTime>>, RevocationError> {
        let mut commands = Pipeline::new();
        for key in keys {
            commands.cmd("ZSCORE").arg(self.key(key)).arg(MEMBER);
        }
        let found: Vec<Option<String>> = self.redis.send(&commands, now).await?;
        found
            .into_iter()
            .map(|value| {
                let Some(text) = value else { return Ok(None) };
                let since = text.parse().ok().map(Duration::try_from_secs_f64);
                let instant = since
                    .and_then(Result::ok)
                    .and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since));
                // This store did not write it: what it means is not known.
                let unreadable =
                    || RevocationError::Unavailable("a value in Redis is not a time".into());
                instant.map(Some).ok_or_else(unreadable)
            })
            .collect()
    }

    async fn revoke(
        &self,
        key: RevocationKey,
        now: SystemTime,
        until: SystemTime,
    ) -> Result<(), RevocationError> {
        let key = self.key(&key);
        let at = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs_f64();
        let lasting = until.duration_since(now).unwrap_or_default().as_millis();
        // Redis counts in 64 bits; a thousand years are enough for any token.
        let lasting = u64::try_from(lasting)
            .unwrap_or(u64::MAX)
            .clamp(1, 31_556_952_000_000);
        let mut commands = Pipeline::new();
        // A revocation that is there is never weakened, whatever this server's clock says: the
        // later instant, the later end. A key without an end counts as one that never ends.
        commands
            .atomic()
            .cmd("ZADD")
            .arg(&key)
            .arg("GT")
            .arg(at)
            .arg(MEMBER)
            .ignore();
        for unless in ["NX", "GT"] {
            commands
                .cmd("PEXPIRE")
                .arg(&key)
                .arg(lasting)
                .arg(unless)
                .ignore();
        }
        Ok(self.redis.send(&commands, now).await?)
    }
}

impl fmt::Debug for RedisRevocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisRevocations")
            .field("prefix", &self.prefix)
            .field("time_limit", &self.redis.timeout())
            .finish_non_exhaustive()
    }
}
