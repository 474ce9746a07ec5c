//! Why a requirement was refused: what would have to be different.

use std::time::SystemTime;

use crate::model::principal::Principal;
use crate::model::requirement::evaluate::{
    PolicyAnswer, Verdict, all, any, evaluate_when, negate, within,
};
use crate::model::requirement::{NamedPart, Requirement};

/// Why a principal was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lack {
    /// They would have to authenticate more recently or more strongly
    /// (RFC 9470 §3 `insufficient_user_authentication`).
    StepUp(StepUp),
    /// More scopes would do, and nothing else is missing that is known: all the scopes the
    /// operation needs, in the order of the requirement, each once. The client can ask for them
    /// (RFC 6750 §3.1 `insufficient_scope`).
    Scopes(Vec<&'static str>),
    /// Something that no other credentials of the same principal would give. The first requirement
    /// that is not satisfied.
    Other(Requirement),
}

/// How the caller has to authenticate: all that the operation needs, whether or not part of it is
/// met already, so that what the client asks for next is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepUp {
    /// At most this many seconds ago.
    pub max_age: Option<u64>,
    /// In one of these ways, most preferred first; in any way where there are none.
    pub acr_values: Vec<&'static str>,
    /// The scopes that the operation needs, in the order of the requirement, each once; none
    /// where none is missing.
    pub scopes: Vec<&'static str>,
}

/// Says why `requirement` is refused for `principal`; `max_age` counts as not decided.
///
/// The answer is [`Lack::Scopes`] only where scopes alone would help: a client told
/// `insufficient_scope` asks for more scopes, which cannot give a caller a role.
#[must_use]
pub fn explain(
    requirement: &Requirement,
    principal: &Principal,
    policies: &[PolicyAnswer],
) -> Lack {
    explain_when(requirement, principal, policies, None)
}

/// Says why `requirement` is refused for `principal` at the time `now`.
///
/// How the caller authenticated is decided before authorization: where the requirement cannot be satisfied
/// without a step-up, the answer is [`Lack::StepUp`] whatever else is missing.
#[must_use]
pub fn explain_at(
    requirement: &Requirement,
    principal: &Principal,
    policies: &[PolicyAnswer],
    now: SystemTime,
) -> Lack {
    explain_when(requirement, principal, policies, Some(now))
}

/// Says why at the time `now`, where it is known.
pub(crate) fn explain_when(
    requirement: &Requirement,
    principal: &Principal,
    policies: &[PolicyAnswer],
    now: Option<SystemTime>,
) -> Lack {
    Facts {
        principal,
        policies,
        now,
    }
    .explain(requirement)
}

/// The scopes that an unauthenticated caller would best ask for: all that one way through
/// the requirement needs, in its order, each once. The way is the first that scopes alone would
/// open, or else the first.
#[must_use]
pub fn scopes_of(requirement: &Requirement) -> Vec<&'static str> {
    let anonymous = Principal::new(String::new());
    let facts = Facts {
        principal: &anonymous,
        policies: &[],
        now: None,
    };
    facts.needed(requirement, Supposed::BOTH).scopes
}

/// What is taken for granted, to see whether it would help.
#[derive(Clone, Copy)]
struct Supposed {
    /// Every scope that is asked for.
    scopes: bool,
    /// Every way and age of authentication that is asked for.
    step_up: bool,
    /// Roles, permissions and policies are left open.
    rest_is_open: bool,
}

impl Supposed {
    const NOTHING: Self = Self {
        scopes: false,
        step_up: false,
        rest_is_open: false,
    };
    const SCOPES: Self = Self {
        scopes: true,
        ..Self::NOTHING
    };
    const STEP_UP: Self = Self {
        step_up: true,
        ..Self::NOTHING
    };
    const BOTH: Self = Self {
        scopes: true,
        ..Self::STEP_UP
    };

    const fn with_open_rest(self) -> Self {
        Self {
            rest_is_open: true,
            ..self
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Polarity {
    Asked,
    Excluded,
}

/// What is known.
#[derive(Clone, Copy)]
struct Facts<'a> {
    principal: &'a Principal,
    policies: &'a [PolicyAnswer],
    now: Option<SystemTime>,
}

impl Facts<'_> {
    fn explain(self, requirement: &Requirement) -> Lack {
        // Most requirements: nothing is in it that scopes or another authentication could open.
        if let Requirement::Role(_) | Requirement::TypedRole(_) | Requirement::Permission(_) =
            requirement
        {
            return Lack::Other(self.first_unmet(requirement));
        }
        let helps = |supposed| self.suppose(requirement, supposed) != Verdict::Refused;
        // RFC 9470 §3, and the order of answers: refused whatever roles and scopes they have.
        let is_step_up_owed =
            !helps(Supposed::NOTHING.with_open_rest()) && helps(Supposed::BOTH.with_open_rest());
        if is_step_up_owed || helps(Supposed::STEP_UP) {
            let supposed = if helps(Supposed::STEP_UP) {
                Supposed::STEP_UP
            } else {
                Supposed::BOTH
            };
            if let Some(step_up) = self.step_up(requirement, supposed, is_step_up_owed) {
                return Lack::StepUp(step_up);
            }
        }
        if helps(Supposed::SCOPES) {
            let scopes = self.needed(requirement, Supposed::SCOPES).scopes;
            // A scope may be asked for in one place and excluded in another: then it would not
            // help.
            let with_these = self.principal.clone().scopes(scopes.iter().copied());
            let then = Facts {
                principal: &with_these,
                ..self
            };
            if !scopes.is_empty() && then.evaluate(requirement) != Verdict::Refused {
                return Lack::Scopes(scopes);
            }
        } else if helps(Supposed::BOTH)
            && let Some(step_up) = self.step_up(requirement, Supposed::BOTH, false)
        {
            return Lack::StepUp(step_up);
        }
        Lack::Other(self.first_unmet(requirement))
    }

    /// The same of a named requirement, whose questions have numbers of their own.
    fn inside(self, part: &NamedPart) -> Self {
        Self {
            policies: part.answers(self.policies),
            ..self
        }
    }

    fn evaluate(self, requirement: &Requirement) -> Verdict {
        evaluate_when(requirement, self.principal, self.policies, self.now)
    }

    /// The verdict if this were so.
    fn suppose(self, requirement: &Requirement, supposed: Supposed) -> Verdict {
        self.suppose_in(requirement, supposed, Polarity::Asked)
    }

    fn suppose_in(
        self,
        requirement: &Requirement,
        supposed: Supposed,
        polarity: Polarity,
    ) -> Verdict {
        let is_asked = polarity == Polarity::Asked;
        match requirement {
            Requirement::Scope(_) if supposed.scopes && is_asked => Verdict::Granted,
            Requirement::MaxAge(_) | Requirement::Acr(_) if supposed.step_up && is_asked => {
                Verdict::Granted
            }
            Requirement::All(parts) => all(parts
                .iter()
                .map(|part| self.suppose_in(part, supposed, polarity))),
            Requirement::Any(parts) => any(parts
                .iter()
                .map(|part| self.suppose_in(part, supposed, polarity))),
            Requirement::Not(part) => {
                let turned = if is_asked {
                    Polarity::Excluded
                } else {
                    Polarity::Asked
                };
                negate(self.suppose_in(part, supposed, turned))
            }
            Requirement::Named(part) => within(
                part,
                self.inside(part)
                    .suppose_in(part.requirement, supposed, polarity),
            ),
            Requirement::Role(_)
            | Requirement::TypedRole(_)
            | Requirement::Scope(_)
            | Requirement::Permission(_)
            | Requirement::Scheme(_)
            | Requirement::Policy(_)
            | Requirement::Check(_)
                if supposed.rest_is_open =>
            {
                Verdict::Failed
            }
            leaf => self.evaluate(leaf),
        }
    }

    /// What a step-up has to bring; `None` where nothing of the kind is asked for, or where it
    /// would not help: who did it would be sent to do it again. One that is owed helps where
    /// something is left to be decided.
    fn step_up(
        self,
        requirement: &Requirement,
        supposed: Supposed,
        is_owed: bool,
    ) -> Option<StepUp> {
        let mut needed = self.needed(requirement, supposed);
        if needed.max_age.is_none() && needed.acr_values.is_empty() {
            return None;
        }
        let mut stepped_up = self.principal.clone().scopes(needed.scopes.iter().copied());
        if let (Some(_), Some(now)) = (needed.max_age, self.now) {
            stepped_up = stepped_up.with_authenticated_at(now);
        }
        if let Some(acr) = needed.acr_values.first() {
            stepped_up = stepped_up.with_acr(*acr);
        }
        let then = Facts {
            principal: &stepped_up,
            ..self
        };
        let open = Supposed::NOTHING.with_open_rest();
        let helps = then.evaluate(requirement) != Verdict::Refused
            || (is_owed && then.suppose(requirement, open) != Verdict::Refused);
        if !helps {
            return None;
        }
        if needed
            .scopes
            .iter()
            .all(|scope| self.principal.has_scope(scope))
        {
            needed.scopes.clear();
        }
        Some(needed)
    }

    /// All that the way through the tree needs which this would open.
    fn needed(self, requirement: &Requirement, supposed: Supposed) -> StepUp {
        let mut needed = StepUp::default();
        self.collect(requirement, supposed, &mut needed);
        needed
    }

    fn collect(self, requirement: &Requirement, supposed: Supposed, needed: &mut StepUp) {
        match requirement {
            Requirement::Scope(name) => {
                if !needed.scopes.contains(name) {
                    needed.scopes.push(name);
                }
            }
            Requirement::MaxAge(seconds) => {
                needed.max_age = Some(needed.max_age.map_or(*seconds, |held| held.min(*seconds)));
            }
            Requirement::Acr(values) => needed.accept_acr(values),
            Requirement::Named(part) => {
                self.inside(part)
                    .collect(part.requirement, supposed, needed);
            }
            Requirement::All(parts) => {
                for part in *parts {
                    self.collect(part, supposed, needed);
                }
            }
            Requirement::Any(parts) => {
                let opened = |supposed: Supposed| {
                    parts
                        .iter()
                        .find(move |part| self.suppose(part, supposed) != Verdict::Refused)
                };
                let way = parts
                    .iter()
                    .find(|part| self.evaluate(part) == Verdict::Granted)
                    .or_else(|| opened(supposed))
                    .or_else(|| opened(supposed.with_open_rest()));
                match way {
                    // `any(acr("a"), acr("b"))`: the client may ask for either.
                    Some(Requirement::Acr(_)) => {
                        let values: Vec<_> = parts
                            .iter()
                            .filter_map(|part| match part {
                                Requirement::Acr(values) => Some(*values),
                                _ => None,
                            })
                            .flatten()
                            .copied()
                            .collect();
                        needed.accept_acr(&values);
                    }
                    Some(way) => self.collect(way, supposed, needed),
                    None => {}
                }
            }
            Requirement::Not(_)
            | Requirement::Authenticated
            | Requirement::Role(_)
            | Requirement::TypedRole(_)
            | Requirement::Permission(_)
            | Requirement::Scheme(_)
            | Requirement::Policy(_)
            | Requirement::Check(_) => {}
        }
    }

    /// The smallest part, from the left, that is not satisfied and on which the refusal rests.
    fn first_unmet(self, requirement: &Requirement) -> Requirement {
        match requirement {
            Requirement::All(parts) => parts
                .iter()
                .find(|part| self.evaluate(part) == Verdict::Refused)
                .map_or(*requirement, |part| self.first_unmet(part)),
            Requirement::Any([only]) => self.first_unmet(only),
            Requirement::Named(part) => self.inside(part).first_unmet(part.requirement),
            other => *other,
        }
    }
}

impl StepUp {
    /// One of `values` is asked for, besides what was asked for before: a principal has one `acr`,
    /// so it has to be among both.
    fn accept_acr(&mut self, values: &[&'static str]) {
        if self.acr_values.is_empty() {
            for value in values {
                if !self.acr_values.contains(value) {
                    self.acr_values.push(value);
                }
            }
        } else if self.acr_values.iter().any(|held| values.contains(held)) {
            self.acr_values.retain(|held| values.contains(held));
        }
    }
}

#[cfg(test)]
mod tests;
