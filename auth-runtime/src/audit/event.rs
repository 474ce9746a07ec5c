//! One decision, as the audit sees it.

use std::fmt;
use std::net::IpAddr;
use std::time::SystemTime;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;

use crate::denial::Reason;
use crate::model::handler::HandlerName;
use crate::model::principal::Principal;
use crate::model::requirement::Access;

/// One decision, as the audit sees it.
///
/// It holds no credentials. The request is there for its peer, path and headers; who writes
/// headers to a log takes care of `Authorization` and its like.
#[non_exhaustive]
pub struct DecisionEvent<'a> {
    /// The handler that was asked for; `None` for an extractor in a handler without an attribute.
    pub handler: Option<&'static HandlerName>,
    /// What the handler asks for; `None` as for `handler`.
    pub access: Option<&'static Access>,
    /// The outcome.
    pub outcome: Outcome,
    /// The status of the refusal; `None` where access was granted.
    pub status: Option<StatusCode>,
    /// Why it was refused; `None` where access was granted.
    pub reason: Option<&'a Reason>,
    /// Who it is, where that is known.
    pub principal: Option<&'a Principal>,
    /// When it was decided (UTC), by the clock of the configuration.
    pub time: SystemTime,
    /// The address of the client: that of the peer, or what a trusted proxy said; `None` where it
    /// is not known.
    pub client: Option<IpAddr>,
    /// The request.
    pub request: &'a HttpRequest,
}

/// Without the request's headers, which hold credentials.
impl fmt::Debug for DecisionEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecisionEvent")
            .field("handler", &self.handler)
            .field("access", &self.access)
            .field("outcome", &self.outcome)
            .field("status", &self.status)
            .field("reason", &self.reason)
            .field("principal", &self.principal)
            .field("method", self.request.method())
            .field("path", &self.request.path())
            .finish_non_exhaustive()
    }
}

/// What came of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The handler was called.
    Granted,
    /// The request was refused.
    Denied,
    /// No decision could be made, so the request was refused: a bug in the app or its configuration.
    Misconfigured,
}

impl Outcome {
    /// The name in logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Denied => "denied",
            Self::Misconfigured => "misconfigured",
        }
    }
}

/// Receives every decision, granted and denied, on the worker that made it, before the handler
/// runs or the refusal is sent. It must not block. Where it panics, the decision stands and the
/// panic is logged.
pub trait AuditSink: Send + Sync + 'static {
    /// One decision.
    fn record(&self, event: &DecisionEvent<'_>);
}
