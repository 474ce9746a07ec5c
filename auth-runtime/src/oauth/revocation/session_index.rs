//! Which sessions there are, by subject.

use std::future::Future;
use std::time::SystemTime;

use super::session_list::Entry;
use super::{MemoryRevocations, RevocationError, RevocationKey, RevocationStore};

/// A store of revocations that also remembers which sessions there are, for listing them.
pub trait SessionIndex: RevocationStore {
    /// Remembers until `until`, at least, that the subject has this session. `session` is text
    /// without a secret; of two of one `id` the later counts.
    ///
    /// # Errors
    ///
    /// [`RevocationError`] where it was not remembered.
    fn put_session(
        &self,
        subject: RevocationKey,
        id: &str,
        session: String,
        now: SystemTime,
        until: SystemTime,
    ) -> impl Future<Output = Result<(), RevocationError>>;

    /// The sessions of the subject, as they were put, in no order. Those that have expired may be
    /// among them.
    ///
    /// # Errors
    ///
    /// [`RevocationError`] where it cannot be told.
    fn sessions(
        &self,
        subject: RevocationKey,
        now: SystemTime,
    ) -> impl Future<Output = Result<Vec<String>, RevocationError>>;

    /// Forgets a session.
    ///
    /// # Errors
    ///
    /// [`RevocationError`] where it was not forgotten.
    fn remove_session(
        &self,
        subject: RevocationKey,
        id: &str,
        now: SystemTime,
    ) -> impl Future<Output = Result<(), RevocationError>>;
}

impl SessionIndex for MemoryRevocations {
    async fn put_session(
        &self,
        subject: RevocationKey,
        id: &str,
        session: String,
        now: SystemTime,
        until: SystemTime,
    ) -> Result<(), RevocationError> {
        let mut held = self.sessions.sessions();
        let of_subject = held.by_subject.entry(subject).or_default();
        let entry = Entry {
            text: session,
            until,
        };
        if of_subject.insert(id.to_owned(), entry).is_none() {
            held.count += 1;
            held.sweep(now);
        }
        Ok(())
    }

    async fn sessions(
        &self,
        subject: RevocationKey,
        now: SystemTime,
    ) -> Result<Vec<String>, RevocationError> {
        let held = self.sessions.sessions();
        let Some(of_subject) = held.by_subject.get(&subject) else {
            return Ok(Vec::new());
        };
        let alive = of_subject.values().filter(|entry| now < entry.until);
        Ok(alive.map(|entry| entry.text.clone()).collect())
    }

    async fn remove_session(
        &self,
        subject: RevocationKey,
        id: &str,
        _: SystemTime,
    ) -> Result<(), RevocationError> {
        let mut held = self.sessions.sessions();
        let Some(of_subject) = held.by_subject.get_mut(&subject) else {
            return Ok(());
        };
        let is_removed = of_subject.remove(id).is_some();
        let is_last = of_subject.is_empty();
        if is_last {
            held.by_subject.remove(&subject);
        }
        held.count -= usize::from(is_removed);
        Ok(())
    }
}

#[cfg(feature = "redis")]
mod shared {
    use redis::Pipeline;

    use super::super::RedisRevocations;
    use super::{RevocationError, RevocationKey, SessionIndex, SystemTime};

    impl SessionIndex for RedisRevocations {
        async fn put_session(
            &self,
            subject: RevocationKey,
            id: &str,
            session: String,
            now: SystemTime,
            until: SystemTime,
        ) -> Result<(), RevocationError> {
            let key = self.sessions_key(&subject);
            let lasting = until.duration_since(now).unwrap_or_default().as_millis();
            let lasting = u64::try_from(lasting)
                .unwrap_or(u64::MAX)
                .clamp(1, 31_556_952_000_000);
            let mut commands = Pipeline::new();
            commands
                .atomic()
                .cmd("HSET")
                .arg(&key)
                .arg(id)
                .arg(session)
                .ignore();
            // The hash lasts as long as its last session.
            for unless in ["NX", "GT"] {
                commands
                    .cmd("PEXPIRE")
                    .arg(&key)
                    .arg(lasting)
                    .arg(unless)
                    .ignore();
            }
            Ok(self.redis.send::<()>(&commands, now).await?)
        }

        async fn sessions(
            &self,
            subject: RevocationKey,
            now: SystemTime,
        ) -> Result<Vec<String>, RevocationError> {
            let mut commands = Pipeline::new();
            commands.cmd("HVALS").arg(self.sessions_key(&subject));
            let (found,) = self.redis.send::<(Vec<String>,)>(&commands, now).await?;
            Ok(found)
        }

        async fn remove_session(
            &self,
            subject: RevocationKey,
            id: &str,
            now: SystemTime,
        ) -> Result<(), RevocationError> {
            let mut commands = Pipeline::new();
            commands
                .cmd("HDEL")
                .arg(self.sessions_key(&subject))
                .arg(id)
                .ignore();
            Ok(self.redis.send::<()>(&commands, now).await?)
        }
    }
}
