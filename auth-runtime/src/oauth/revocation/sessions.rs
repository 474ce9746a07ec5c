//! Sessions end by the same revocations as tokens, and are listed where those are remembered.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::{RevocationError, RevocationKey, Revocations, SessionIndex, StoreFailure};
use crate::model::clock::Clock;
use crate::scheme::session::record::{millis, time};
use crate::scheme::session::{Answer, SessionError, SessionInfo, SessionRegistry};

/// In the place of an issuer, so that a session is never taken for a token of the same id.
const ISSUER: &str = "urn:auth_runtime:sessions";

impl From<RevocationError> for SessionError {
    fn from(error: RevocationError) -> Self {
        Self::new(error)
    }
}

impl<S: SessionIndex> SessionRegistry for Revocations<S> {
    fn is_ended<'a>(&'a self, session: &'a SessionInfo) -> Answer<'a, bool> {
        Box::pin(async move {
            let shared = &*self.0;
            let now = shared.clock.now();
            let own = RevocationKey::id(ISSUER, &session.id);
            if shared.recent.has(own.digest(), now) {
                return Ok(false);
            }
            let marks = [own, RevocationKey::subject(ISSUER, &session.subject)];
            let generation = shared.recent.generation();
            let found = match shared.store.find(&marks, now).await {
                Ok(found) => found,
                Err(error) if shared.on_failure == StoreFailure::Accept => {
                    tracing::warn!(target: "auth_runtime", %error, "the list of ended sessions is unavailable: the session is accepted as configured");
                    return Ok(false);
                }
                Err(error) => return Err(error.into()),
            };
            let [of_session, of_subject] = found[..] else {
                return Err(SessionError::new("the store did not answer for every mark"));
            };
            let is_ended = of_session.is_some()
                || of_subject.is_some_and(|at| session.issued < self.first_after(at));
            if !is_ended {
                shared.recent.note(*own.digest(), now, generation);
            }
            Ok(is_ended)
        })
    }

    fn end<'a>(&'a self, session: &'a SessionInfo) -> Answer<'a, ()> {
        Box::pin(async move {
            self.revoke(RevocationKey::id(ISSUER, &session.id), session.ends)
                .await?;
            let subject = RevocationKey::subject(ISSUER, &session.subject);
            let now = self.0.clock.now();
            // It has ended already: a list that still has it does not show it.
            if let Err(error) = self.0.store.remove_session(subject, &session.id, now).await {
                tracing::warn!(target: "auth_runtime", %error, "an ended session is still listed");
            }
            Ok(())
        })
    }

    fn end_all<'a>(&'a self, subject: &'a str, until: SystemTime) -> Answer<'a, ()> {
        Box::pin(async move {
            let subject = RevocationKey::subject(ISSUER, subject);
            Ok(self.revoke(subject, until).await?)
        })
    }

    fn next_issue<'a>(&'a self, subject: &'a str) -> Answer<'a, Option<SystemTime>> {
        Box::pin(async move {
            let now = self.0.clock.now();
            let marks = [RevocationKey::subject(ISSUER, subject)];
            let found = self.0.store.find(&marks, now).await?;
            let at = found.first().copied().flatten();
            Ok(at.map(|at| self.first_after(at)))
        })
    }

    fn note<'a>(&'a self, session: &'a SessionInfo) -> Answer<'a, ()> {
        Box::pin(async move {
            let subject = RevocationKey::subject(ISSUER, &session.subject);
            let now = self.0.clock.now();
            let store = &self.0.store;
            let text = to_text(session);
            store
                .put_session(subject, &session.id, text, now, session.ends)
                .await?;
            Ok(())
        })
    }

    fn list<'a>(&'a self, subject: &'a str) -> Answer<'a, Vec<SessionInfo>> {
        Box::pin(async move {
            let mark = RevocationKey::subject(ISSUER, subject);
            let now = self.0.clock.now();
            let mut sessions = Vec::new();
            for text in self.0.store.sessions(mark, now).await? {
                let Some(session) = from_text(&text, subject) else {
                    tracing::warn!(target: "auth_runtime", "a listed session cannot be read");
                    continue;
                };
                if session.ends > now {
                    sessions.push(session);
                } else {
                    self.0.store.remove_session(mark, &session.id, now).await?;
                }
            }
            Ok(sessions)
        })
    }

    fn use_clock(&self, clock: &Clock) {
        Self::use_clock(self, clock);
    }
}

impl<S> Revocations<S> {
    /// The first time behind a revocation of a subject. A store may keep whole seconds alone.
    fn first_after(&self, revoked: SystemTime) -> SystemTime {
        let latest = revoked.checked_add(self.0.clock_skew).unwrap_or(revoked);
        let seconds = latest
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs();
        UNIX_EPOCH
            .checked_add(Duration::from_secs(seconds.saturating_add(1)))
            .unwrap_or(latest)
    }
}

fn to_text(session: &SessionInfo) -> String {
    json!({
        "id": session.id,
        "iat": millis(session.issued),
        "at": millis(session.created),
        "seen": millis(session.last_used),
        "exp": millis(session.ends),
        "rem": session.is_remembered,
        "ip": session.address,
        "ua": session.user_agent,
    })
    .to_string()
}

fn from_text(text: &str, subject: &str) -> Option<SessionInfo> {
    let value: Value = serde_json::from_str(text).ok()?;
    let text = |name: &str| Some(value.get(name)?.as_str()?.to_owned());
    let instant = |name: &str| Some(time(value.get(name)?.as_u64()?));
    Some(SessionInfo {
        id: text("id")?,
        subject: subject.to_owned(),
        issued: instant("iat")?,
        created: instant("at")?,
        last_used: instant("seen")?,
        ends: instant("exp")?,
        is_remembered: value.get("rem")?.as_bool()?,
        is_current: false,
        address: text("ip"),
        user_agent: text("ua"),
    })
}
