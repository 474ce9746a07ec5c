//! Telling what was decided: to `tracing`, and to the app's own audit.

use std::fmt;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::SystemTime;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;

use crate::config::Auth;
use crate::denial::{Answer, Denial, Reason};
use crate::http::escape::escaped;
use crate::model::containment::contained;
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
    /// What came of it.
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
    /// No decision could be made, so the request was refused: somebody has to mend the app.
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

/// Where a decision was made.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) handler: Option<&'static HandlerName>,
    pub(crate) access: Option<&'static Access>,
    pub(crate) request: &'a HttpRequest,
}

/// The handler was allowed to run.
pub(crate) fn granted(place: Place<'_>, auth: Option<&Auth>, principal: Option<&Principal>) {
    tracing::debug!(
        target: "auth_runtime",
        handler = place.handler.map(|handler| handler.path),
        requirement = place.access.map(tracing::field::display),
        outcome = Outcome::Granted.as_str(),
        scheme = principal.and_then(Principal::scheme),
        subject = principal.map(|principal| escaped(principal.subject())).as_deref(),
        "access granted"
    );
    record(place, auth, Outcome::Granted, None, principal);
}

/// The request was refused.
pub(crate) fn denied(
    place: Place<'_>,
    auth: Option<&Auth>,
    denial: &Denial,
    principal: Option<&Principal>,
) {
    let outcome = match (denial.answer(), denial.reason()) {
        (Answer::Undecidable, _) | (_, Reason::Misconfigured(_)) => Outcome::Misconfigured,
        _ => Outcome::Denied,
    };
    // An extractor that refuses by itself knows no handler: the log has to name the route.
    let route = place
        .handler
        .is_none()
        .then(|| escaped_route(place.request));
    macro_rules! event {
        ($level:ident) => {
            tracing::$level!(
                target: "auth_runtime",
                handler = place.handler.map(|handler| handler.path),
                route = route.as_deref(),
                requirement = place.access.map(tracing::field::display),
                outcome = outcome.as_str(),
                status = denial.status().as_u16(),
                reason = denial.reason().code(),
                detail = &*escaped(&denial.reason().to_string()),
                scheme = principal.and_then(Principal::scheme),
                subject = principal.map(|principal| escaped(principal.subject())).as_deref(),
                "access denied"
            )
        };
    }
    match (outcome, denial.reason()) {
        (Outcome::Misconfigured, _) => event!(error),
        (_, Reason::VerifierUnavailable(_)) => event!(warn),
        _ => event!(info),
    }
    record(place, auth, outcome, Some(denial), principal);
}

fn escaped_route(request: &HttpRequest) -> String {
    let pattern = request.match_pattern();
    let path = pattern.as_deref().unwrap_or_else(|| request.path());
    escaped(&format!("{} {path}", request.method())).into_owned()
}

/// Refuses where no guard is: tells so, and gives the denial the look of the app.
pub(crate) fn refused(
    request: &HttpRequest,
    auth: Option<&Auth>,
    denial: Denial,
    principal: Option<&Principal>,
) -> Denial {
    let place = Place {
        handler: None,
        access: None,
        request,
    };
    denied(place, auth, &denial, principal);
    match auth {
        Some(auth) => denial.in_context(auth.context(request)),
        None => denial,
    }
}

/// A refusal whose request is gone, so that only the log can be told.
pub(crate) fn denied_without_request(denial: &Denial) {
    #[cfg(feature = "metrics")]
    crate::audit::metrics::count(None, Outcome::Misconfigured, Some(denial.reason()));
    tracing::error!(
        target: "auth_runtime",
        outcome = Outcome::Misconfigured.as_str(),
        status = denial.status().as_u16(),
        reason = denial.reason().code(),
        detail = &*escaped(&denial.reason().to_string()),
        "access denied"
    );
}

fn record(
    place: Place<'_>,
    auth: Option<&Auth>,
    outcome: Outcome,
    denial: Option<&Denial>,
    principal: Option<&Principal>,
) {
    #[cfg(feature = "metrics")]
    crate::audit::metrics::count(place.handler, outcome, denial.map(Denial::reason));
    let Some(auth) = auth else { return };
    let Some(sink) = auth.settings().audit.as_deref() else {
        return;
    };
    let event = DecisionEvent {
        // The clock is the app's, and may panic.
        time: contained(catch_unwind(AssertUnwindSafe(|| auth.now())))
            .unwrap_or_else(SystemTime::now),
        client: auth.client_address(place.request.head()),
        handler: place.handler,
        access: place.access,
        outcome,
        status: denial.map(Denial::status),
        reason: denial.map(Denial::reason),
        principal,
        request: place.request,
    };
    if contained(catch_unwind(AssertUnwindSafe(|| sink.record(&event)))).is_none() {
        tracing::error!(target: "auth_runtime", "the audit sink panicked");
    }
}
