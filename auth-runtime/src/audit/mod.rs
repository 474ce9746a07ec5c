//! Audit sinks: they keep the access decisions of an app.
//!
//! ```
//! use auth_runtime::audit::{JsonLines, Queue};
//! use auth_runtime::prelude::*;
//!
//! # let file = std::io::sink();
//! // let file = std::fs::OpenOptions::new().create(true).append(true).open("audit.jsonl")?;
//! let queue = Queue::start(4096, JsonLines::new(file))?;
//! let auth = Auth::builder()
//!     .realm("articles")
//!     .scheme(Bearer::sync(|token: Secret<'_>| token.ct_eq("s3cr3t").then(|| Principal::new("ada"))))
//!     .audit(queue.clone())
//!     .build()?;
//! // … run the server …
//! if !queue.flush(std::time::Duration::from_secs(5)) {
//!     eprintln!("audit events were lost");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`Queue`] takes the writing off the workers: it never blocks a request, and counts what it
//!   had to drop.
//! - [`JsonLines`] writes one JSON object a line, for a file or a pipe.
//! - [`Tracing`] makes `tracing` events of the target `auth_runtime::audit`.
//! - [`Memory`] keeps them, for tests.
//! - [`SampledGrants`] passes every denial and one grant in so many.
//! - Two sinks are a pair: `.audit((queue, Tracing))`.
//!
//! # Field names
//!
//! The same in [`JsonLines`] and [`Tracing`], and stable: a field may be added, and none changes
//! its meaning within a major version. A field without a value is absent.
//!
//! | field | |
//! |---|---|
//! | `time` | when it was decided: RFC 3339, UTC, milliseconds (in `Tracing` the subscriber's own) |
//! | `outcome` | `granted`, `denied` or `misconfigured` |
//! | `status` | the status of the refusal; a number |
//! | `reason` | why: the [code](crate::denial::Reason::code) of the reason |
//! | `detail` | why, in words, for people |
//! | `handler` | the path of the handler's function |
//! | `requirement` | the requirement, in the language of the attributes, or `public` |
//! | `subject` | the subject of the principal |
//! | `scheme` | the scheme by which the caller authenticated |
//! | `method`, `path` | of the request; the path as received, without the query |
//! | `route` | the pattern that the path matched |
//! | `peer` | the address of the connection |
//! | `client` | the address behind trusted proxies, where it is another |
//! | `request_id` | see [`RequestId`] |
//!
//! An event is the decision of one guard. A handler that two attributes guard one after the other
//! has an event of each, until one of them refuses.
//!
//! # Security
//!
//! Measured by OWASP ASVS 5.0: failed authorization attempts are logged, and all decisions where
//! grants are not sampled (16.3.2); each says when, where, who and what (16.2.1), in UTC (16.2.2),
//! in a common format (16.2.4), without credentials (16.2.5), and encoded so that no text of a
//! client can end its line or its field (16.4.1).
//!
//! A path may itself be a secret (a link to reset a password), and so may what the app puts into a
//! subject or into the text of a policy: those are logged as they are.

pub(crate) mod event;
mod json;
#[cfg(feature = "metrics")]
pub mod metrics;
mod queue;
mod sinks;

use std::net::IpAddr;
use std::time::SystemTime;

use actix_web::HttpMessage as _;
use actix_web::HttpRequest;

pub use self::event::{AuditSink, DecisionEvent, Outcome};
pub use self::json::JsonLines;
pub use self::queue::{AuditWriter, Queue, QueueCounts};
pub use self::sinks::{Memory, SampledGrants, Tracing};
pub use crate::http::escape::{escaped, is_unsafe};

use crate::denial::Reason;
use crate::model::handler::HandlerName;
use crate::model::principal::Principal;
use crate::model::requirement::Access;

/// One decision, owned: what is kept of a [`DecisionEvent`] when its request is gone.
///
/// Texts of the client are cut to a length and otherwise as they were received: who writes them
/// into lines of its own escapes them ([`escaped`]).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditEvent {
    /// When it was decided (UTC), by the clock of the configuration.
    pub time: SystemTime,
    /// The outcome.
    pub outcome: Outcome,
    /// The HTTP status of the refusal; `None` where access was granted. Where the handler hides,
    /// the client saw 404 instead.
    pub status: Option<u16>,
    /// Why it was refused; `None` where access was granted.
    pub reason: Option<Reason>,
    /// The handler; `None` for an extractor in a handler without an attribute.
    pub handler: Option<&'static HandlerName>,
    /// The handler's requirement; `None` as for `handler`.
    pub access: Option<&'static Access>,
    /// The subject of the authenticated principal, if there is one. At most 256 characters.
    pub subject: Option<String>,
    /// The scheme by which the principal authenticated.
    pub scheme: Option<&'static str>,
    /// The method of the request. At most 32 characters.
    pub method: String,
    /// The path of the request as received, without the query. At most 1024 characters.
    pub path: String,
    /// The pattern that the path matched; `None` where none did.
    pub route: Option<String>,
    /// The address of the connection; `None` where it has none.
    pub peer: Option<IpAddr>,
    /// The address of the client behind trusted proxies; that of the peer where there are none.
    pub client: Option<IpAddr>,
    /// The request's id; see [`RequestId`].
    pub request_id: Option<String>,
}

impl AuditEvent {
    /// What is kept of an event.
    #[must_use]
    pub fn of(event: &DecisionEvent<'_>) -> Self {
        let request = event.request;
        Self {
            time: event.time,
            outcome: event.outcome,
            status: event.status.map(|status| status.as_u16()),
            reason: event.reason.cloned(),
            handler: event.handler,
            access: event.access,
            subject: event
                .principal
                .map(|principal| cut(principal.subject(), 256)),
            scheme: event.principal.and_then(Principal::scheme),
            method: cut(request.method().as_str(), 32),
            path: cut(request.path(), 1024),
            route: request.match_pattern(),
            peer: request
                .peer_addr()
                .map(|address| address.ip().to_canonical()),
            client: event.client,
            request_id: request_id(request),
        }
    }

    /// The handler's requirement, as text: in the language of the attributes, or `public`.
    #[must_use]
    pub fn requirement(&self) -> Option<String> {
        self.access.map(ToString::to_string)
    }

    /// The reason in words. At most 1024 characters.
    #[must_use]
    pub fn detail(&self) -> Option<String> {
        self.reason
            .as_ref()
            .map(|reason| cut(&reason.to_string(), 1024))
    }

    /// The client's address where a trusted proxy told another than the connection's.
    fn forwarded_client(&self) -> Option<IpAddr> {
        self.client.filter(|client| Some(*client) != self.peer)
    }
}

/// The id of a request, for its audit events: a middleware of the app puts it into the request's
/// extensions.
///
/// ```
/// use actix_web::HttpMessage;
/// use actix_web::test::TestRequest;
/// use auth_runtime::audit::RequestId;
///
/// let request = TestRequest::default().to_srv_request();
/// request.extensions_mut().insert(RequestId::new("018f3c"));
/// ```
///
/// Where there is none, the header `X-Request-Id` counts, as received: at most 128 characters of
/// letters, digits and `-._~+/=:@`, and no id otherwise. A client can choose it, so that it serves
/// to find entries and proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// An id. Only its first 128 characters count.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }
}

fn request_id(request: &HttpRequest) -> Option<String> {
    if let Some(RequestId(id)) = request.extensions().get() {
        return Some(cut(id, 128));
    }
    let id = request.headers().get("x-request-id")?.to_str().ok()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=:@".contains(&byte);
    ((1..=128).contains(&id.len()) && id.bytes().all(is_plain)).then(|| id.to_owned())
}

/// The first `most` characters; where there were more, the last of them is an ellipsis.
fn cut(text: &str, most: usize) -> String {
    // No text has more characters than bytes, and nearly every one is short.
    if text.len() <= most {
        return text.to_owned();
    }
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text
            .chars()
            .take(most.saturating_sub(1))
            .chain(['…'])
            .collect(),
    }
}
