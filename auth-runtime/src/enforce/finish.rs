//! The one ending of every decision: challenges, the log, the audit, the metrics, the note for
//! those who watch, the explanation, hiding, and the look of the app's answers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::SystemTime;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;

use crate::audit::{DecisionEvent, Outcome};
use crate::config::{Auth, ChallengeCause};
use crate::denial::{Answer, Denial, Reason};
use crate::enforce::authenticate::Refusal;
use crate::enforce::decide::Grounds;
use crate::enforce::rule::Rule;
use crate::enforce::{kit, navigation, state};
use crate::http::escape::escaped;
use crate::model::containment::contained;
use crate::model::principal::Principal;
use crate::model::requirement::Access;
use crate::model::requirement::explain::Lack;
use crate::scheme::{RETRY_AFTER, Rejection, Scheme};

/// Where a decision was made, and about which caller.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) request: &'a HttpRequest,
    /// Of the guard that decided; `None` for an extractor, and a middleware without a rule.
    pub(crate) rule: Option<&'static Rule>,
    pub(crate) auth: Option<&'a Auth>,
    pub(crate) principal: Option<&'a Principal>,
}

/// Lets the handler run, and tells so.
#[inline]
pub(crate) fn grant(place: Place<'_>) {
    note(place.request, true);
    log_granted(place);
    let has_sink = || {
        place
            .auth
            .is_some_and(|auth| auth.settings().audit.is_some())
    };
    if cfg!(feature = "metrics") || has_sink() {
        record(place, place.rule, Outcome::Granted, None);
    }
}

/// Refuses, and tells so.
#[cold]
#[inline(never)]
pub(crate) fn refuse(place: Place<'_>, grounds: Grounds) -> Denial {
    let Place {
        request,
        rule,
        auth,
        ..
    } = place;
    // What refuses without a rule of its own stands inside a guard, or inside none.
    let (around, hiding) = state::around(request);
    // One of several that decide is enough: of a mount point, or of another attribute.
    let hides = hiding.hides || rule.is_some_and(|rule| rule.hide);
    let mut denial = denial(place, grounds);
    if !hides
        && let Some(auth) = auth
        && let Some(location) =
            navigation::login_page(auth, request, place.principal, rule.or(around), &denial)
    {
        denial = denial.redirected(location);
    }
    if rule.is_some() {
        note(request, false);
    }
    tell(place, rule.or(around), &denial);
    let Some(auth) = auth else {
        return if hides {
            denial.hidden(None, hiding.closes)
        } else {
            denial
        };
    };
    if hides {
        return denial.hidden(auth.unknown_path(request), hiding.closes);
    }
    let is_explained = auth.settings().explain_denials;
    let detail = is_explained.then(|| denial.reason().to_string());
    denial.explained(detail).rendered(auth.renderer(request))
}

/// Refuses where the request is gone, so that only the log can be told: 503 where a store or
/// verifier is not available, and 500 where no decision was made.
#[cold]
pub(crate) fn refuse_without_request(reason: Reason) -> Denial {
    let retry_after = RETRY_AFTER;
    let (answer, outcome) = match reason {
        Reason::VerifierUnavailable(_) => (Answer::Unavailable { retry_after }, Outcome::Denied),
        _ => (Answer::Undecidable, Outcome::Misconfigured),
    };
    let denial = Denial::new(answer, reason);
    #[cfg(feature = "metrics")]
    crate::audit::metrics::count(None, outcome, Some(denial.reason()));
    macro_rules! event {
        ($level:ident) => {
            tracing::$level!(
                target: "auth_runtime",
                outcome = outcome.as_str(),
                status = denial.status().as_u16(),
                reason = denial.reason().code(),
                detail = &*escaped(&denial.reason().to_string()),
                "access denied"
            )
        };
    }
    if outcome == Outcome::Denied {
        event!(warn);
    } else {
        event!(error);
    }
    denial
}

impl Auth {
    /// A 401 from inside a handler, with the challenges of this configuration: for a handler that
    /// finds out by itself that a caller is unauthenticated, such as one that checks a signed link.
    ///
    /// A handler whose callers must always be known has an attribute instead.
    #[must_use]
    pub fn unauthenticated(&self, request: &HttpRequest) -> Denial {
        let place = Place {
            request,
            rule: None,
            auth: Some(self),
            principal: None,
        };
        refuse(place, Grounds::Unauthenticated(Refusal::NothingPresented))
    }
}

/// Tells those who look whether a guard has decided.
#[inline]
pub(crate) fn note(request: &HttpRequest, is_granted: bool) {
    state::note_decided(request);
    kit::note(request, is_granted);
}

fn denial(place: Place<'_>, grounds: Grounds) -> Denial {
    let refusal_challenge = || {
        let scheme = place.principal.and_then(Principal::scheme);
        place.auth.and_then(|auth| auth.refusal_challenge(scheme))
    };
    match grounds {
        Grounds::Unconfigured(missing) => undecidable(missing.message()),
        Grounds::Unauthenticated(refusal) => unauthenticated(place, refusal),
        Grounds::Lack(lack) => lacking(place, lack),
        Grounds::Forbidden(reason) | Grounds::Failed(StatusCode::FORBIDDEN, reason) => {
            Denial::new(Answer::Forbidden(refusal_challenge()), reason)
        }
        Grounds::Failed(StatusCode::SERVICE_UNAVAILABLE, reason) => {
            let retry_after = RETRY_AFTER;
            Denial::new(Answer::Unavailable { retry_after }, reason)
        }
        Grounds::Failed(_, reason) | Grounds::Undecidable(reason) => {
            Denial::new(Answer::Undecidable, reason)
        }
    }
}

fn undecidable(because: &'static str) -> Denial {
    Denial::new(Answer::Undecidable, Reason::Misconfigured(because))
}

/// The caller is authenticated and not authorized.
fn lacking(place: Place<'_>, lack: Lack) -> Denial {
    let Some(auth) = place.auth else {
        return undecidable("no challenge can be written");
    };
    let scheme = place.principal.and_then(Principal::scheme);
    match lack {
        // RFC 9470 §3: 401, not 403: the same person can bring better credentials.
        Lack::StepUp(step_up) => {
            match auth.step_up_challenges(place.access(), place.request, &step_up) {
                Some(challenges) => {
                    Denial::new(Answer::Unauthenticated(challenges), Reason::StepUp(step_up))
                }
                None => undecidable("no challenge can be written"),
            }
        }
        Lack::Scopes(scopes) => {
            let challenge = auth.scope_challenge(scheme, &scopes);
            Denial::new(Answer::Forbidden(challenge), Reason::MissingScopes(scopes))
        }
        Lack::Other(unmet) => Denial::new(
            Answer::Forbidden(auth.refusal_challenge(scheme)),
            Reason::Unmet(unmet),
        ),
    }
}

/// The caller is unauthenticated.
fn unauthenticated(place: Place<'_>, refusal: Refusal) -> Denial {
    let rejections = match refusal {
        Refusal::Network => return Denial::new(Answer::Forbidden(None), Reason::Network),
        Refusal::Ambiguous => {
            let cause = |_: &str| Some(ChallengeCause::AmbiguousCredentials);
            let challenges = place
                .auth
                .and_then(|auth| auth.challenges(place.access(), place.request, cause));
            return Denial::new(Answer::Malformed(challenges), Reason::AmbiguousCredentials);
        }
        Refusal::Insecure => return insecure(),
        // RFC 6750 §3.1: without credentials there is no error to tell of.
        Refusal::NothingPresented => return challenged(place, |_| None, Reason::NoCredentials),
        Refusal::Rejected(rejections) => rejections,
    };
    for (_, rejection) in &rejections {
        match rejection {
            Rejection::Panicked => {
                return Denial::new(Answer::Undecidable, Reason::VerifierPanicked);
            }
            Rejection::TooMany { retry_after } => {
                let retry_after = *retry_after;
                return Denial::new(Answer::TooMany { retry_after }, Reason::TooManyAttempts);
            }
            Rejection::Unavailable {
                retry_after,
                because,
            } => {
                return Denial::new(
                    Answer::Unavailable {
                        retry_after: *retry_after,
                    },
                    Reason::VerifierUnavailable(because.clone()),
                );
            }
            Rejection::Misconfigured(what) => return undecidable(what),
            Rejection::Invalid | Rejection::Expired | Rejection::Ended => {}
        }
    }
    let is_expired = rejections
        .first()
        .is_some_and(|(_, first)| matches!(first, Rejection::Expired | Rejection::Ended));
    let reason = if is_expired {
        Reason::ExpiredCredentials
    } else {
        Reason::InvalidCredentials
    };
    let cause = |name: &str| {
        let (_, rejection) = rejections.iter().find(|(scheme, _)| *scheme == name)?;
        Some(match rejection {
            Rejection::Expired => ChallengeCause::Expired,
            _ => ChallengeCause::Invalid,
        })
    };
    challenged(place, cause, reason)
}

/// RFC 9110 §15.5.4: no credentials would do, so that there is nothing to ask for.
fn insecure() -> Denial {
    Denial::new(Answer::Forbidden(None), Reason::InsecureTransport)
}

fn challenged(
    place: Place<'_>,
    cause: impl Fn(&str) -> Option<ChallengeCause>,
    reason: Reason,
) -> Denial {
    let Some(auth) = place.auth else {
        return undecidable("no challenge can be written");
    };
    let access = place.access();
    match auth.challenges(access, place.request, cause) {
        Some(challenges) => Denial::new(Answer::Unauthenticated(challenges), reason),
        None if auth.accepted(access).any(Scheme::requires_tls) => insecure(),
        // No caller could ever get in, whatever they present.
        None => undecidable("the handler accepts no scheme of this configuration"),
    }
}

impl Place<'_> {
    /// What the guard that refuses asks for. An extractor accepts every scheme.
    fn access(&self) -> Option<&'static Access> {
        self.rule.map(|rule| &rule.access)
    }
}

// Nearly always nothing listens: what would be written then does not stand in the way.
#[inline(never)]
fn log_granted(place: Place<'_>) {
    let principal = place.principal;
    tracing::debug!(
        target: "auth_runtime",
        handler = place.rule.map(|rule| rule.handler.path),
        requirement = place.access().map(tracing::field::display),
        outcome = Outcome::Granted.as_str(),
        scheme = principal.and_then(Principal::scheme),
        subject = principal.map(|principal| escaped(principal.subject())).as_deref(),
        "access granted"
    );
}

/// Tells the log, the audit and the metrics of a refusal.
fn tell(place: Place<'_>, rule: Option<&'static Rule>, denial: &Denial) {
    let outcome = match (denial.answer(), denial.reason()) {
        (Answer::Undecidable, _) | (_, Reason::Misconfigured(_)) => Outcome::Misconfigured,
        _ => Outcome::Denied,
    };
    log_denied(place, rule, outcome, denial);
    record(place, rule, outcome, Some(denial));
}

fn log_denied(place: Place<'_>, rule: Option<&'static Rule>, outcome: Outcome, denial: &Denial) {
    let principal = place.principal;
    // What refuses without a rule of its own may stand anywhere: the log has to name the route.
    let route = place.rule.is_none().then(|| escaped_route(place.request));
    macro_rules! event {
        ($level:ident) => {
            tracing::$level!(
                target: "auth_runtime",
                handler = rule.map(|rule| rule.handler.path),
                route = route.as_deref(),
                requirement = rule.map(|rule| tracing::field::display(&rule.access)),
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
}

fn escaped_route(request: &HttpRequest) -> String {
    let pattern = request.match_pattern();
    let path = pattern.as_deref().unwrap_or_else(|| request.path());
    escaped(&format!("{} {path}", request.method())).into_owned()
}

#[cold]
#[inline(never)]
fn record(
    place: Place<'_>,
    rule: Option<&'static Rule>,
    outcome: Outcome,
    denial: Option<&Denial>,
) {
    #[cfg(feature = "metrics")]
    crate::audit::metrics::count(
        rule.map(|rule| &rule.handler),
        outcome,
        denial.map(Denial::reason),
    );
    let Some(auth) = place.auth else { return };
    let Some(sink) = auth.settings().audit.as_deref() else {
        return;
    };
    let event = DecisionEvent {
        // The clock is the app's, and may panic.
        time: contained(catch_unwind(AssertUnwindSafe(|| auth.now())))
            .unwrap_or_else(SystemTime::now),
        client: auth.client_address(place.request.head()),
        handler: rule.map(|rule| &rule.handler),
        access: rule.map(|rule| &rule.access),
        outcome,
        status: denial.map(Denial::status),
        reason: denial.map(Denial::reason),
        principal: place.principal,
        request: place.request,
    };
    if contained(catch_unwind(AssertUnwindSafe(|| sink.record(&event)))).is_none() {
        tracing::error!(target: "auth_runtime", "the audit sink panicked");
    }
}
