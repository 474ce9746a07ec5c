//! Accepted answers, for a while.

use std::time::{Duration, SystemTime};

use crate::model::principal::Principal;
use crate::oauth::cache::{Cache, Digest, size_of};

/// Bounded in bytes and time.
pub(super) struct Answers {
    longest: Duration,
    by_token: Cache<Answer>,
}

#[derive(Clone)]
struct Answer {
    principal: Principal,
    since: SystemTime,
    until: SystemTime,
}

impl Answers {
    pub(super) fn new(longest: Duration, bytes: usize) -> Self {
        Self {
            longest,
            by_token: Cache::new(bytes),
        }
    }

    pub(super) fn get(&self, token: &Digest, now: SystemTime) -> Option<Principal> {
        let answer = self.by_token.get(token)?;
        // A clock that was set back does not make an answer last longer.
        (answer.since <= now && now < answer.until).then_some(answer.principal)
    }

    pub(super) fn put(&self, token: Digest, principal: &Principal, now: SystemTime) {
        let Some(bound) = now.checked_add(self.longest) else {
            return;
        };
        // RFC 7662 §4: "the response MUST NOT be cached beyond" the expiration of the token.
        let until = principal.expires_at().map_or(bound, |exp| exp.min(bound));
        if now < until {
            let answer = Answer {
                principal: principal.clone(),
                since: now,
                until,
            };
            self.by_token.put(token, answer, size_of(principal));
        }
    }

    pub(super) fn remove(&self, token: &Digest) {
        self.by_token.remove(token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::cache::digest;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn ada() -> Principal {
        Principal::new("ada")
    }

    #[test]
    fn an_answer_is_kept_up_to_the_bound_and_never_past_exp() {
        let answers = Answers::new(Duration::from_secs(30), 10_000);
        let (long, short) = (digest("long"), digest("short"));
        answers.put(long, &ada().with_expires_at(at(1000)), at(100));
        answers.put(short, &ada().with_expires_at(at(110)), at(100));
        assert!(answers.get(&long, at(129)).is_some() && answers.get(&short, at(109)).is_some());
        assert!(answers.get(&long, at(130)).is_none() && answers.get(&short, at(110)).is_none());
        assert!(
            answers.get(&long, at(99)).is_none(),
            "the clock was set back"
        );
        assert!(answers.get(&digest("LONG"), at(101)).is_none());
    }

    #[test]
    fn off_is_off() {
        for answers in [
            Answers::new(Duration::ZERO, 10_000),
            Answers::new(Duration::from_secs(9), 0),
        ] {
            answers.put(digest("t"), &ada(), at(100));
            assert!(answers.get(&digest("t"), at(100)).is_none());
        }
    }
}
