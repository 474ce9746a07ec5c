//! An answer as the client sees it, wherever it came from.

use std::collections::BTreeSet;
use std::fmt;

use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use serde_json::Value;

/// A response, with the number of times that anything of the handler ran.
#[derive(Clone)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case, in the order in which they were sent.
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
    pub calls: usize,
}

impl Answer {
    pub async fn of<B: MessageBody>(response: ServiceResponse<B>) -> Self {
        let response = response.into_parts().1;
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
            .collect();
        let status = response.status().as_u16();
        let Ok(body) = to_bytes(response.into_body()).await else {
            panic!("the body cannot be read");
        };
        Self {
            status,
            headers,
            body: body.to_vec(),
            calls: 0,
        }
    }

    /// Every value of a header, as text.
    pub fn lines(&self, name: &str) -> Vec<String> {
        self.headers
            .iter()
            .filter(|(held, _)| held == name)
            .map(|(_, value)| String::from_utf8(value.clone()).expect("headers are ASCII"))
            .collect()
    }

    /// The one value of a header, if there is one.
    pub fn header(&self, name: &str) -> Option<String> {
        let lines = self.lines(name);
        assert!(lines.len() < 2, "`{name}` occurs more than once: {lines:?}");
        lines.into_iter().next()
    }

    /// Every line but `Date`, as a set.
    pub fn header_set(&self) -> BTreeSet<String> {
        let shown = |(name, value): &(String, Vec<u8>)| format!("{name}: {}", value.escape_ascii());
        self.headers
            .iter()
            .filter(|(name, _)| name != "date")
            .map(shown)
            .collect()
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("the body is UTF-8")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {:?}", String::from_utf8_lossy(&self.body)))
    }

    /// Status, every header but `Date`, and body: what one answer must share with another so that
    /// nobody can tell them apart.
    pub fn seen(&self) -> (u16, BTreeSet<String>, String) {
        (
            self.status,
            self.header_set(),
            self.body.escape_ascii().to_string(),
        )
    }

    /// Asserts what every refusal has in common: status, nothing of the handler ran, a problem
    /// document of that status, not to be stored.
    #[track_caller]
    pub fn assert_refused(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.calls, 0, "something of the handler ran: {self:?}");
        assert_eq!(
            self.header("cache-control").as_deref(),
            Some("no-store"),
            "{self:?}"
        );
        assert_eq!(
            self.header("content-type").as_deref(),
            Some("application/problem+json"),
            "{self:?}"
        );
        let problem = self.json();
        assert_eq!(problem["status"], status, "{problem}");
        let phrase = StatusCode::from_u16(status)
            .unwrap()
            .canonical_reason()
            .unwrap();
        assert_eq!(problem["title"], phrase, "{problem}");
    }

    /// Asserts that the handler ran, once, and nothing asks for credentials.
    #[track_caller]
    pub fn assert_granted(&self) {
        assert_eq!(self.status, 200, "{self:?}");
        assert_eq!(self.calls, 1, "{self:?}");
        super::assert_no_challenge(self);
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} after {} calls", self.status, self.calls)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {}", value.escape_ascii())?;
        }
        writeln!(f, "\n{}", self.body.escape_ascii())
    }
}
