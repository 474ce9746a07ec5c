//! Counters and times, through the `metrics` crate. Feature `metrics`.
//!
//! | name | kind | labels |
//! |---|---|---|
//! | [`DECISIONS`] | counter | `handler`: its path, or `none` for an extractor in a handler without an attribute; `outcome`: `granted`, `denied`, `misconfigured`; `reason`: the [code](crate::denial::Reason::code), or `none` where access was granted |
//! | [`VERIFICATION`] | histogram, seconds | `scheme`; `outcome`: `accepted`, `invalid`, `expired`, `unavailable`, `panicked`, or `abandoned` where the time limit or the client's leaving ended it |
//!
//! Every label has few values: none comes from a request.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use crate::audit::event::Outcome;
use crate::denial::Reason;
use crate::model::containment::contained;
use crate::model::handler::HandlerName;
use crate::model::principal::Principal;
use crate::scheme::{Attempt, Rejection, Verification};

/// The counter of decisions.
pub const DECISIONS: &str = "auth_decisions_total";

/// The histogram of how long the verification of presented credentials took, for each scheme that
/// was tried. What may be cached by a verifier is not told from what was not.
pub const VERIFICATION: &str = "auth_verification_seconds";

/// Tells the recorder what the metrics are. Call it once, after the recorder was installed.
pub fn describe() {
    metrics::describe_counter!(DECISIONS, "Access decisions by handler and outcome.");
    metrics::describe_histogram!(
        VERIFICATION,
        metrics::Unit::Seconds,
        "Time that the verification of presented credentials took."
    );
}

/// Counts a decision.
pub(crate) fn count(
    handler: Option<&'static HandlerName>,
    outcome: Outcome,
    reason: Option<&Reason>,
) {
    let handler = handler.map_or("none", |handler| handler.path);
    let reason = reason.map_or("none", Reason::code);
    // The recorder is the app's, and may panic.
    let _ = contained(catch_unwind(AssertUnwindSafe(|| {
        metrics::counter!(
            DECISIONS,
            "handler" => handler,
            "outcome" => outcome.as_str(),
            "reason" => reason
        )
        .increment(1);
    })));
}

/// Measures a verification, which began at `started`.
pub(crate) fn timed(scheme: &'static str, started: Instant, attempt: Attempt) -> Attempt {
    let Attempt::Presented(verification) = attempt else {
        return attempt;
    };
    let mut timer = Timer {
        scheme,
        started,
        outcome: "abandoned",
    };
    Attempt::Presented(match verification {
        Verification::Ready(outcome) => {
            timer.finish(&outcome);
            Verification::Ready(outcome)
        }
        Verification::Pending(future) => Verification::Pending(Box::pin(async move {
            let outcome = future.await;
            timer.finish(&outcome);
            outcome
        })),
    })
}

/// Tells the time when it goes, also where the verification was given up.
struct Timer {
    scheme: &'static str,
    started: Instant,
    outcome: &'static str,
}

impl Timer {
    fn finish(&mut self, outcome: &Result<Principal, Rejection>) {
        self.outcome = match outcome {
            Ok(_) => "accepted",
            Err(Rejection::Invalid) => "invalid",
            Err(Rejection::Expired) => "expired",
            Err(Rejection::TooMany { .. }) => "too_many",
            Err(Rejection::Unavailable { .. }) => "unavailable",
            Err(Rejection::Panicked) => "panicked",
            Err(Rejection::Ended) => "ended",
            Err(Rejection::Misconfigured(_)) => "misconfigured",
        };
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.outcome = "panicked";
        }
        let seconds = self.started.elapsed();
        let _ = contained(catch_unwind(AssertUnwindSafe(|| {
            metrics::histogram!(VERIFICATION, "scheme" => self.scheme, "outcome" => self.outcome)
                .record(seconds);
        })));
    }
}
