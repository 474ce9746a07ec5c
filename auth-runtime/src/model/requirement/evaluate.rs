//! Deciding a requirement: three-valued, so that what is known is decided before anything is asked.

use std::time::{Duration, SystemTime};

use crate::model::principal::Principal;
use crate::model::requirement::{CheckId, NamedPart, PolicyId, Requirement};

/// What is known of a requirement so far.
///
/// `Failed` is not `Refused`: `not(policy)` of a policy that could not answer must not grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It holds.
    Granted,
    /// It does not hold.
    Refused,
    /// It depends on this policy, which has not been asked yet: the leftmost such one.
    Needs(PolicyId),
    /// It depends on this check, which cannot be asked before the handler's arguments are extracted:
    /// the leftmost such one, where no policy is left that could decide without it.
    NeedsArguments(CheckId),
    /// It depends on a policy or a check that could not answer, on a time that is unknown, or on a
    /// list of nothing.
    Failed,
}

/// What a policy or a check answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyAnswer {
    /// Not asked yet.
    Unasked,
    /// It allows.
    Allowed,
    /// It denies.
    Denied,
    /// It returned an error or panicked.
    Failed,
}

/// Decides `requirement` for `principal`, with the answers that the policies, and behind them the
/// checks, gave so far (by index; a missing one counts as not asked).
///
/// A conjunction with a part that is refused is refused, whatever the other parts are; likewise a
/// disjunction with a part that is granted. Only what decides is ever asked for.
///
/// ```
/// use auth_runtime::Principal;
/// use auth_runtime::model::{Requirement, Verdict, evaluate};
///
/// const R: Requirement = Requirement::any(&[Requirement::role("admin"), Requirement::policy("is_owner", 0)]);
///
/// let ada = Principal::new("ada").role("admin");
/// assert_eq!(evaluate(&R, &ada, &[]), Verdict::Granted);
/// let bob = Principal::new("bob");
/// assert!(matches!(evaluate(&R, &bob, &[]), Verdict::Needs(policy) if policy.name == "is_owner"));
/// ```
///
/// `max_age` depends on the time: it is not decided here, and decided by [`evaluate_at`].
#[must_use]
pub fn evaluate(
    requirement: &Requirement,
    principal: &Principal,
    policies: &[PolicyAnswer],
) -> Verdict {
    evaluate_when(requirement, principal, policies, None)
}

/// Decides `requirement` as [`evaluate`] does, at the time `now`.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use auth_runtime::Principal;
/// use auth_runtime::model::{Requirement, Verdict, evaluate_at};
///
/// const R: Requirement = Requirement::max_age(300);
///
/// let now = SystemTime::now();
/// let ada = Principal::new("ada").with_authenticated_at(now - Duration::from_secs(301));
/// assert_eq!(evaluate_at(&R, &ada, &[], now), Verdict::Refused);
/// ```
#[must_use]
pub fn evaluate_at(
    requirement: &Requirement,
    principal: &Principal,
    policies: &[PolicyAnswer],
    now: SystemTime,
) -> Verdict {
    evaluate_when(requirement, principal, policies, Some(now))
}

/// Decides at the time `now`, where it is known.
pub(crate) fn evaluate_when(
    requirement: &Requirement,
    principal: &Principal,
    policies: &[PolicyAnswer],
    now: Option<SystemTime>,
) -> Verdict {
    match requirement {
        Requirement::Authenticated => Verdict::Granted,
        Requirement::Role(name) => of(principal.has_this_role(name)),
        Requirement::TypedRole(role) => of(role
            .set()
            .satisfied_by
            .iter()
            .any(|name| principal.has_this_role(name))),
        Requirement::Scope(name) => of(principal.has_scope(name)),
        Requirement::Permission(name) => of(principal.has_permission(name)),
        Requirement::Scheme(name) => of(principal.scheme() == Some(*name)),
        Requirement::MaxAge(seconds) => now.map_or(Verdict::Failed, |now| {
            of(is_fresh(principal, *seconds, now))
        }),
        Requirement::Acr([]) => Verdict::Failed,
        // RFC 9470 §6.1: without an `acr` it is unknown how they authenticated.
        Requirement::Acr(values) => of(principal.acr().is_some_and(|acr| values.contains(&acr))),
        Requirement::Policy(policy) => match policies.get(policy.index) {
            None | Some(PolicyAnswer::Unasked) => Verdict::Needs(*policy),
            Some(PolicyAnswer::Allowed) => Verdict::Granted,
            Some(PolicyAnswer::Denied) => Verdict::Refused,
            Some(PolicyAnswer::Failed) => Verdict::Failed,
        },
        Requirement::Check(check) => match policies.get(check.index) {
            None | Some(PolicyAnswer::Unasked) => Verdict::NeedsArguments(*check),
            Some(PolicyAnswer::Allowed) => Verdict::Granted,
            Some(PolicyAnswer::Denied) => Verdict::Refused,
            Some(PolicyAnswer::Failed) => Verdict::Failed,
        },
        Requirement::All(parts) => all(parts
            .iter()
            .map(|part| evaluate_when(part, principal, policies, now))),
        Requirement::Any(parts) => any(parts
            .iter()
            .map(|part| evaluate_when(part, principal, policies, now))),
        Requirement::Not(part) => negate(evaluate_when(part, principal, policies, now)),
        Requirement::Named(part) => within(
            part,
            evaluate_when(part.requirement, principal, part.answers(policies), now),
        ),
    }
}

/// How far the identity provider's clock may be ahead of this one's.
const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// RFC 9470 §3: "the allowable elapsed time in seconds since the last active authentication".
/// A time that is unknown, or lies in the future, is not fresh.
fn is_fresh(principal: &Principal, max_age: u64, now: SystemTime) -> bool {
    let Some(at) = principal.authenticated_at() else {
        return false;
    };
    match now.duration_since(at) {
        Ok(elapsed) => elapsed.as_secs() <= max_age,
        Err(ahead) => ahead.duration() <= CLOCK_SKEW,
    }
}

/// Whether a caller authenticated by `scheme` could be granted, whatever else is true of them.
/// A scheme that never could is not offered by the handler (RFC 9110 §15.5.2: a challenge is
/// "applicable to the target resource").
#[must_use]
pub fn accepts_scheme(requirement: &Requirement, scheme: &str) -> bool {
    possible(requirement, scheme) != Verdict::Refused
}

fn possible(requirement: &Requirement, scheme: &str) -> Verdict {
    match requirement {
        Requirement::Scheme(name) => of(*name == scheme),
        Requirement::Authenticated => Verdict::Granted,
        Requirement::All(parts) => all(parts.iter().map(|part| possible(part, scheme))),
        Requirement::Any(parts) => any(parts.iter().map(|part| possible(part, scheme))),
        Requirement::Not(part) => negate(possible(part, scheme)),
        Requirement::Named(part) => possible(part.requirement, scheme),
        // Not known from the scheme alone.
        Requirement::Role(_)
        | Requirement::TypedRole(_)
        | Requirement::Scope(_)
        | Requirement::Permission(_)
        | Requirement::MaxAge(_)
        | Requirement::Acr(_)
        | Requirement::Policy(_)
        | Requirement::Check(_) => Verdict::Failed,
    }
}

/// A verdict on a named requirement, whose questions have numbers of their own there. One that is
/// none of its own has no number here: a neighbour's question would decide.
pub(crate) fn within(part: &NamedPart, verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Needs(policy) => part.number(policy.index).map_or(Verdict::Failed, |index| {
            Verdict::Needs(PolicyId { index, ..policy })
        }),
        Verdict::NeedsArguments(check) => {
            part.number(check.index).map_or(Verdict::Failed, |index| {
                Verdict::NeedsArguments(CheckId { index, ..check })
            })
        }
        decided => decided,
    }
}

pub(crate) fn of(holds: bool) -> Verdict {
    if holds {
        Verdict::Granted
    } else {
        Verdict::Refused
    }
}

pub(crate) fn negate(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Granted => Verdict::Refused,
        Verdict::Refused => Verdict::Granted,
        pending @ (Verdict::Needs(_) | Verdict::NeedsArguments(_) | Verdict::Failed) => pending,
    }
}

/// Conjunction. Of nothing: failed, for an empty list is a mistake, and a mistake grants nothing
/// even when it is negated.
pub(crate) fn all(parts: impl Iterator<Item = Verdict>) -> Verdict {
    let mut outcome = None;
    for part in parts {
        outcome = Some(match (outcome, part) {
            (_, Verdict::Refused) => return Verdict::Refused,
            (None | Some(Verdict::Granted), next) => next,
            (Some(pending), Verdict::Granted) => pending,
            (Some(pending), next) => prefer_askable(pending, next),
        });
    }
    outcome.unwrap_or(Verdict::Failed)
}

/// Disjunction. Of nothing: failed, likewise.
pub(crate) fn any(parts: impl Iterator<Item = Verdict>) -> Verdict {
    let mut outcome = None;
    for part in parts {
        outcome = Some(match (outcome, part) {
            (_, Verdict::Granted) => return Verdict::Granted,
            (None | Some(Verdict::Refused), next) => next,
            (Some(pending), Verdict::Refused) => pending,
            (Some(pending), next) => prefer_askable(pending, next),
        });
    }
    outcome.unwrap_or(Verdict::Failed)
}

/// Of two open parts the leftmost that can still be asked: its answer may decide the whole
/// in spite of one that failed. A policy goes before a check, so that what can be decided before
/// the body is read is.
fn prefer_askable(first: Verdict, second: Verdict) -> Verdict {
    match (first, second) {
        (Verdict::Failed, _) | (Verdict::NeedsArguments(_), Verdict::Needs(_)) => second,
        _ => first,
    }
}
