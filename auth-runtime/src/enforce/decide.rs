//! The decision itself: facts go in, a value comes out, without side effects.

use std::time::SystemTime;

use actix_web::http::StatusCode;

use crate::config::MissingAuth;
use crate::denial::Reason;
use crate::enforce::authenticate::Refusal;
use crate::enforce::rule::Rule;
use crate::model::principal::Principal;
use crate::model::requirement::evaluate::{PolicyAnswer, Verdict, evaluate_when};
use crate::model::requirement::explain::{Lack, explain_when};
use crate::model::requirement::{Access, CheckId, PolicyId};

/// What was decided about a request.
pub(crate) enum Ruling {
    /// The handler runs.
    Granted,
    /// It depends on a policy, or on a check of the caller alone.
    Needs(PolicyId),
    /// It depends on a check of the handler's arguments.
    NeedsArguments(CheckId),
    /// The handler does not run.
    Refused(Grounds),
}

/// Why a request is refused: all that there is to say, before it is said.
pub(crate) enum Grounds {
    /// There is no configuration to decide by.
    Unconfigured(MissingAuth),
    /// The caller is not authenticated, or comes from a blocked network.
    Unauthenticated(Refusal),
    /// The caller does not meet the requirement.
    Lack(Lack),
    /// The caller may not, for a reason that no other credentials would change: 403.
    Forbidden(Reason),
    /// A policy or a check could not answer, by the doing that the status says.
    Failed(StatusCode, Reason),
    /// No decision can be made: 500.
    Undecidable(Reason),
}

/// What the policies and checks of a requirement answered so far.
#[derive(Default)]
pub(crate) struct Answers {
    /// Of the policies, the questions of named requirements and, behind them, the checks.
    pub(crate) given: Vec<PolicyAnswer>,
    /// The first policy or check that denied, and why.
    pub(crate) denied: Option<Reason>,
    /// The first policy or check that could not answer: the status that says whose doing it was,
    /// and why.
    pub(crate) failed: Option<(StatusCode, Reason)>,
}

impl Answers {
    /// Nothing has been asked.
    pub(crate) const NONE: &'static Self = &Self {
        given: Vec::new(),
        denied: None,
        failed: None,
    };
}

/// Decides about this caller; `None` is anonymous, where the handler takes anonymous callers.
#[inline]
pub(crate) fn decide(
    rule: &Rule,
    caller: Option<&Principal>,
    answers: &Answers,
    now: Option<SystemTime>,
) -> Ruling {
    let (requirement, principal) = match (&rule.access, caller) {
        (Access::Public(_), _) => return Ruling::Granted,
        (Access::Requires(requirement), Some(principal)) => (requirement, principal),
        (Access::Requires(_), None) => {
            return Ruling::Refused(Grounds::Unauthenticated(Refusal::NothingPresented));
        }
    };
    match evaluate_when(requirement, principal, &answers.given, now) {
        Verdict::Granted => Ruling::Granted,
        Verdict::Needs(policy) => Ruling::Needs(policy),
        Verdict::NeedsArguments(check) => Ruling::NeedsArguments(check),
        Verdict::Refused => {
            let lack = explain_when(requirement, principal, &answers.given, now);
            Ruling::Refused(match (lack, &answers.denied) {
                (Lack::Other(_), Some(denied)) => Grounds::Forbidden(denied.clone()),
                (lack, _) => Grounds::Lack(lack),
            })
        }
        Verdict::Failed => Ruling::Refused(unanswered(answers)),
    }
}

/// What could not be asked any more decides nothing.
#[cold]
pub(crate) fn unanswered(answers: &Answers) -> Grounds {
    match &answers.failed {
        Some((status, reason)) => Grounds::Failed(*status, reason.clone()),
        None => Grounds::Undecidable(Reason::Misconfigured("the requirement cannot be decided")),
    }
}
