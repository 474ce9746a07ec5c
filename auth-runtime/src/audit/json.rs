//! One JSON object a line.

use std::fmt::{self, Write as _};
use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::{AuditEvent, AuditWriter};
use crate::http::escape::is_unsafe;

/// Writes JSON Lines: an object a decision, on a line of its own, its members as the
/// [module](super#field-names) lists them and in that order.
///
/// ```json
/// {"time":"2026-03-01T12:00:00.000Z","outcome":"denied","status":403,"reason":"requirement_not_met","detail":"`role(\"admin\")` is not satisfied","handler":"app::admin","requirement":"role(\"admin\")","subject":"rob","scheme":"Bearer","method":"GET","path":"/admin","route":"/admin","peer":"192.0.2.7"}
/// ```
///
/// Where events were lost, a line `{"time":…,"outcome":"dropped","count":3}` says how many.
///
/// Each line is one write, so that several processes may append to one file. Rotation is left to
/// the system: with `logrotate`, `copytruncate` on a file opened for appending.
///
/// # Security
///
/// Control characters, line separators and the characters that change the direction of text are
/// `\u....` in a string: a line is an event whatever a client sends, also on a terminal.
pub struct JsonLines<W> {
    writer: W,
    /// A line was begun and not ended: the next one must not be joined to it.
    is_torn: bool,
}

impl<W: Write + Send + 'static> JsonLines<W> {
    /// Lines for `writer`: a file, a pipe, standard output. It need not be buffered.
    pub fn new(writer: W) -> Self {
        Self {
            writer,
            is_torn: false,
        }
    }

    fn write_line(&mut self, members: &[(&str, Value)]) -> io::Result<()> {
        let mut line = String::with_capacity(512);
        if self.is_torn {
            line.push('\n');
        }
        write_object(&mut line, members);
        line.push('\n');
        self.is_torn = true;
        self.writer.write_all(line.as_bytes())?;
        self.is_torn = false;
        Ok(())
    }
}

impl<W: Write + Send + 'static> AuditWriter for JsonLines<W> {
    fn write(&mut self, event: &AuditEvent) -> io::Result<()> {
        self.write_line(&members(event))
    }

    fn write_loss(&mut self, time: SystemTime, count: u64) -> io::Result<()> {
        self.write_line(&[
            ("time", timestamp(time).into()),
            ("outcome", "dropped".into()),
            ("count", count.into()),
        ])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl<W> fmt::Debug for JsonLines<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLines").finish_non_exhaustive()
    }
}

fn members(event: &AuditEvent) -> Vec<(&'static str, Value)> {
    let text = |text: &str| Value::from(text);
    let all = [
        ("time", Some(timestamp(event.time).into())),
        ("outcome", Some(event.outcome.as_str().into())),
        ("status", event.status.map(Value::from)),
        (
            "reason",
            event.reason.as_ref().map(|reason| text(reason.code())),
        ),
        ("detail", event.detail().map(Value::from)),
        ("handler", event.handler.map(|handler| text(handler.path))),
        ("requirement", event.requirement().map(Value::from)),
        ("subject", event.subject.as_deref().map(text)),
        ("scheme", event.scheme.map(text)),
        ("method", Some(text(&event.method))),
        ("path", Some(text(&event.path))),
        ("route", event.route.as_deref().map(text)),
        ("peer", event.peer.map(|peer| peer.to_string().into())),
        (
            "client",
            event
                .forwarded_client()
                .map(|client| client.to_string().into()),
        ),
        ("request_id", event.request_id.as_deref().map(text)),
    ];
    all.into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

/// A `serde_json::Map` would sort the members, or not, as another crate of the build wishes.
fn write_object(line: &mut String, members: &[(&str, Value)]) {
    line.push('{');
    for (position, (name, value)) in members.iter().enumerate() {
        if position > 0 {
            line.push(',');
        }
        let _ = write!(line, "\"{name}\":");
        // RFC 8259 §7: any character may be escaped. Outside of strings none of these occurs, and
        // inside of them none is part of an escape.
        for character in value.to_string().chars() {
            if is_unsafe(character) {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    let _ = write!(line, "\\u{unit:04x}");
                }
            } else {
                line.push(character);
            }
        }
    }
    line.push('}');
}

/// RFC 3339 §5.6, in UTC, with milliseconds. A time before 1970 is written as its beginning.
pub(super) fn timestamp(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (days, second) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let (year, month, day) = date(days);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
        second / 3600,
        second / 60 % 60,
        second % 60,
        since.subsec_millis()
    )
}

/// The date so many days after 1970-01-01, in the Gregorian calendar.
fn date(days: u64) -> (u64, u64, u64) {
    // Years are counted from March, so that the leap day is the last of its year; in eras of 400
    // years, which have 146097 days each. 1970-01-01 is day 719468 from 0000-03-01.
    let days = days.saturating_add(719_468);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Months from March have 31, 30, 31, 30, 31 days and so on: 153 in five.
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn known_instants_are_written_as_rfc_3339_has_them() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (482_196_050, "1985-04-12T23:20:50.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (951_868_800, "2000-03-01T00:00:00.000Z"),
            (1_709_251_199, "2024-02-29T23:59:59.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        ] {
            let time = UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(timestamp(time), expected);
        }
        assert_eq!(
            timestamp(UNIX_EPOCH - Duration::from_secs(1)),
            "1970-01-01T00:00:00.000Z"
        );
    }

    #[test]
    fn every_day_of_four_centuries_follows_the_day_before() {
        let mut yesterday = date(0);
        for days in 1..146_097 {
            let today = date(days);
            let (year, month, day) = yesterday;
            let next = [
                (year, month, day + 1),
                (year, month + 1, 1),
                (year + 1, 1, 1),
            ];
            assert!(next.contains(&today), "{today:?} after {yesterday:?}");
            yesterday = today;
        }
        assert_eq!(date(146_097), (2370, 1, 1));
    }
}
