//! What a session holds of its login, and for how long that is good.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_session::Session;
use serde_json::{Map, Value, json};

use super::{Login, SessionInfo};

/// Where it stands among the app's own entries of the session.
const KEY: &str = "auth_runtime.login";

/// Where the secret of the session's CSRF tokens stands.
pub(crate) const CSRF_KEY: &str = "auth_runtime.csrf";

/// A login, as it is kept in the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// By which the session is listed and ended. It opens nothing: the cookie holds another key.
    pub(crate) id: String,
    pub(crate) subject: String,
    pub(crate) amr: Vec<String>,
    pub(crate) acr: Option<String>,
    /// The caller asked to be remembered.
    pub(crate) is_remembered: bool,
    /// A limit has passed since the login: the caller is known, and not by the login any more.
    pub(crate) has_lapsed: bool,
    /// When the caller authenticated, in milliseconds since the epoch.
    pub(crate) created: u64,
    /// When this id was given. All sessions of a subject end by a time: what was issued later lives.
    pub(crate) issued: u64,
    /// When it was last used, as far as that has been written.
    pub(crate) seen: u64,
    pub(crate) address: Option<String>,
    pub(crate) user_agent: Option<String>,
}

/// What stands in the session.
#[derive(Debug)]
pub(crate) enum Held {
    Nothing,
    Login(Box<Record>),
    /// Something that this version did not write.
    Unreadable,
}

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) idle: Duration,
    pub(crate) absolute: Duration,
    pub(crate) remembered: Duration,
}

/// Whether a session is still good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// By its login.
    Fresh,
    /// The caller is known, but did not authenticate lately.
    Remembered,
    Ended,
}

impl Limits {
    /// ASVS 5.0 V7.3.1 and V7.3.2: how long a session may be idle, and how long it may last at all.
    pub(crate) fn judge(&self, record: &Record, now: SystemTime) -> Standing {
        let since = |then: u64| {
            let then = time(then);
            // A clock that was set back makes no session older.
            now.duration_since(then).unwrap_or_default()
        };
        let age = since(record.created);
        if age >= self.longest(record.is_remembered) {
            return Standing::Ended;
        }
        let is_over = record.has_lapsed || age >= self.absolute || since(record.seen) >= self.idle;
        match (is_over, record.is_remembered) {
            (false, _) => Standing::Fresh,
            (true, true) => Standing::Remembered,
            (true, false) => Standing::Ended,
        }
    }

    /// How long a session may last.
    pub(crate) fn longest(&self, is_remembered: bool) -> Duration {
        if is_remembered {
            self.absolute.max(self.remembered)
        } else {
            self.absolute
        }
    }

    /// When the session ends, whatever happens.
    pub(crate) fn end_of(&self, record: &Record) -> SystemTime {
        let start = time(record.created);
        let lasting = self.longest(record.is_remembered);
        start.checked_add(lasting).unwrap_or(start)
    }

    /// How often the use of a session is written down.
    pub(crate) fn touch_interval(&self) -> Duration {
        const EVERY_MINUTE: Duration = Duration::from_secs(60);
        (self.idle / 10).min(EVERY_MINUTE)
    }
}

impl Record {
    pub(crate) fn new(login: &Login, id: String, now: SystemTime, issued: SystemTime) -> Self {
        Self {
            id,
            subject: login.subject.clone(),
            amr: login.amr.clone(),
            acr: login.acr.clone(),
            is_remembered: login.is_remembered,
            has_lapsed: false,
            created: millis(now),
            issued: millis(issued),
            seen: millis(now),
            address: login.address.clone(),
            user_agent: login.user_agent.clone(),
        }
    }

    pub(crate) fn of(session: &Session) -> Held {
        match session.get::<Value>(KEY) {
            Ok(None) => Held::Nothing,
            Ok(Some(value)) => match Self::from_value(&value) {
                Some(record) => Held::Login(Box::new(record)),
                None => Held::Unreadable,
            },
            Err(_) => Held::Unreadable,
        }
    }

    /// Whether it was written: not where the session was thrown away in this request.
    pub(crate) fn write(&self, session: &Session) -> bool {
        session.insert(KEY, self.to_value()).is_ok() && session.contains_key(KEY)
    }

    pub(crate) fn info(&self, end: SystemTime) -> SessionInfo {
        SessionInfo {
            id: self.id.clone(),
            subject: self.subject.clone(),
            issued: time(self.issued),
            created: time(self.created),
            last_used: time(self.seen),
            ends: end,
            is_remembered: self.is_remembered,
            is_current: false,
            address: self.address.clone(),
            user_agent: self.user_agent.clone(),
        }
    }

    fn to_value(&self) -> Value {
        json!({
            "v": 1,
            "id": self.id,
            "sub": self.subject,
            "amr": self.amr,
            "acr": self.acr,
            "rem": self.is_remembered,
            "lap": self.has_lapsed,
            "at": self.created,
            "iat": self.issued,
            "seen": self.seen,
            "ip": self.address,
            "ua": self.user_agent,
        })
    }

    fn from_value(value: &Value) -> Option<Self> {
        let map = value.as_object()?;
        if number(map, "v")? != 1 {
            return None;
        }
        let amr = map.get("amr")?.as_array()?;
        let amr: Option<_> = amr
            .iter()
            .map(|one| Some(one.as_str()?.to_owned()))
            .collect();
        Some(Self {
            id: text(map, "id")?,
            subject: text(map, "sub")?,
            amr: amr?,
            acr: text(map, "acr"),
            is_remembered: map.get("rem")?.as_bool()?,
            has_lapsed: map.get("lap")?.as_bool()?,
            created: number(map, "at")?,
            issued: number(map, "iat")?,
            seen: number(map, "seen")?,
            address: text(map, "ip"),
            user_agent: text(map, "ua"),
        })
    }
}

fn text(map: &Map<String, Value>, name: &str) -> Option<String> {
    Some(map.get(name)?.as_str()?.to_owned())
}

fn number(map: &Map<String, Value>, name: &str) -> Option<u64> {
    map.get(name)?.as_u64()
}

pub(crate) fn millis(at: SystemTime) -> u64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

pub(crate) fn time(millis: u64) -> SystemTime {
    let at = UNIX_EPOCH.checked_add(Duration::from_millis(millis));
    at.unwrap_or(UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;
    const LIMITS: Limits = Limits {
        idle: Duration::from_secs(30 * 60),
        absolute: Duration::from_secs(12 * 3600),
        remembered: Duration::from_secs(30 * 24 * 3600),
    };

    fn record(is_remembered: bool, seen: u64) -> Record {
        let login = Login::new("ada")
            .amr("pwd")
            .acr("gold")
            .remember(is_remembered);
        let mut record = Record::new(&login, "id".to_owned(), time(0), time(0));
        record.seen = seen;
        record
    }

    #[test]
    fn v7_3_1_and_v7_3_2_idle_and_absolute_limits() {
        use Standing::{Ended, Fresh, Remembered};
        for (is_remembered, seen, now, standing) in [
            (false, 0, 0, Fresh),
            (false, 0, 30 * MINUTE - 1, Fresh),
            (false, 0, 30 * MINUTE, Ended),
            (false, 719 * MINUTE, 720 * MINUTE - 1, Fresh),
            (false, 719 * MINUTE, 720 * MINUTE, Ended),
            (true, 0, 30 * MINUTE - 1, Fresh),
            (true, 0, 30 * MINUTE, Remembered),
            (true, 719 * MINUTE, 720 * MINUTE, Remembered),
            (true, 0, 30 * 1440 * MINUTE - 1, Remembered),
            (true, 30 * 1440 * MINUTE, 30 * 1440 * MINUTE, Ended),
            // The clock was set back.
            (false, 10 * MINUTE, 5 * MINUTE, Fresh),
        ] {
            let judged = LIMITS.judge(&record(is_remembered, seen), time(now));
            assert_eq!(judged, standing, "{is_remembered} {seen} {now}");
        }
        let mut lapsed = record(true, 0);
        lapsed.has_lapsed = true;
        assert_eq!(LIMITS.judge(&lapsed, time(1)), Remembered);
    }

    #[test]
    fn a_record_is_read_as_it_was_written_and_nothing_else_is() {
        let written = record(true, 7).to_value();
        assert_eq!(Record::from_value(&written), Some(record(true, 7)));
        for member in ["v", "id", "sub", "amr", "rem", "lap", "at", "iat", "seen"] {
            let mut broken = written.clone();
            broken[member] = Value::Null;
            assert_eq!(Record::from_value(&broken), None, "{member}");
        }
        let mut newer = written;
        newer["v"] = json!(2);
        assert_eq!(Record::from_value(&newer), None);
    }
}
