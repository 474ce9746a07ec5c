//! Why a requirement was refused: what would have to be different.

use crate::evaluation::{PolicyAnswer, Verdict, all, any, evaluate, negate};
use crate::principal::Principal;
use crate::requirement::Requirement;

/// Why a principal was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lack {
    /// More scopes would do, and nothing else is missing that is known: all the scopes the
    /// operation needs, in the order of the requirement, each once. The client can ask for them
    /// (RFC 6750 §3.1 `insufficient_scope`).
    Scopes(Vec<&'static str>),
    /// Something that no other credentials of the same principal would give. The first requirement
    /// that is not met.
    Other(Requirement),
}

/// Says why `requirement` is refused for `principal`.
///
/// The answer is [`Lack::Scopes`] only where scopes alone would help: a client told
/// `insufficient_scope` asks for more scopes, which cannot give anybody a role.
#[must_use]
pub fn explain(
    requirement: &Requirement,
    principal: &Principal,
    policies: &[PolicyAnswer],
) -> Lack {
    let with_scopes = with_every_scope(requirement, principal, policies, Polarity::Asked);
    if with_scopes != Verdict::Refused {
        let mut scopes = Vec::new();
        needed_scopes(requirement, principal, policies, &mut scopes);
        // A scope may be asked for in one place and excluded in another: then it would not help.
        let with_these = principal.clone().scopes(scopes.iter().copied());
        let helps = evaluate(requirement, &with_these, policies) != Verdict::Refused;
        if !scopes.is_empty() && helps {
            return Lack::Scopes(scopes);
        }
    }
    Lack::Other(first_unmet(requirement, principal, policies))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Polarity {
    Asked,
    Excluded,
}

/// The verdict if the token carried every scope that is asked for.
fn with_every_scope(
    requirement: &Requirement,
    principal: &Principal,
    policies: &[PolicyAnswer],
    polarity: Polarity,
) -> Verdict {
    match requirement {
        Requirement::Scope(_) if polarity == Polarity::Asked => Verdict::Granted,
        Requirement::All(parts) => all(parts
            .iter()
            .map(|part| with_every_scope(part, principal, policies, polarity))),
        Requirement::Any(parts) => any(parts
            .iter()
            .map(|part| with_every_scope(part, principal, policies, polarity))),
        Requirement::Not(part) => {
            let turned = match polarity {
                Polarity::Asked => Polarity::Excluded,
                Polarity::Excluded => Polarity::Asked,
            };
            negate(with_every_scope(part, principal, policies, turned))
        }
        leaf => evaluate(leaf, principal, policies),
    }
}

/// All the scopes of the way through the tree that scopes would open: of alternatives the first
/// that they would (RFC 6750 §3: "the scope of the access token required").
fn needed_scopes(
    requirement: &Requirement,
    principal: &Principal,
    policies: &[PolicyAnswer],
    into: &mut Vec<&'static str>,
) {
    match requirement {
        Requirement::Scope(name) => {
            if !into.contains(name) {
                into.push(name);
            }
        }
        Requirement::All(parts) => {
            for part in *parts {
                needed_scopes(part, principal, policies, into);
            }
        }
        Requirement::Any(parts) => {
            let opened = parts
                .iter()
                .find(|part| evaluate(part, principal, policies) == Verdict::Granted)
                .or_else(|| {
                    parts.iter().find(|part| {
                        with_every_scope(part, principal, policies, Polarity::Asked)
                            != Verdict::Refused
                    })
                });
            if let Some(part) = opened {
                needed_scopes(part, principal, policies, into);
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

/// The smallest part, from the left, that is not met and on which the refusal rests.
fn first_unmet(
    requirement: &Requirement,
    principal: &Principal,
    policies: &[PolicyAnswer],
) -> Requirement {
    match requirement {
        Requirement::All(parts) => parts
            .iter()
            .find(|part| evaluate(part, principal, policies) == Verdict::Refused)
            .map_or(*requirement, |part| first_unmet(part, principal, policies)),
        Requirement::Any([only]) => first_unmet(only, principal, policies),
        other => *other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Requirement = Requirement::scope("a");
    const B: Requirement = Requirement::scope("b");
    const ADMIN: Requirement = Requirement::role("admin");

    fn lack(requirement: &Requirement, principal: &Principal) -> Lack {
        explain(requirement, principal, &[])
    }

    #[test]
    fn all_needed_scopes_are_named_though_one_is_there() {
        const R: Requirement = Requirement::all(&[A, B]);
        let principal = Principal::new("p").scope("a");
        assert_eq!(lack(&R, &principal), Lack::Scopes(vec!["a", "b"]));
    }

    #[test]
    fn missing_role_is_never_a_missing_scope() {
        const R: Requirement = Requirement::all(&[ADMIN, A]);
        assert_eq!(lack(&R, &Principal::new("p")), Lack::Other(ADMIN));
        assert_eq!(
            lack(&R, &Principal::new("p").scope("a")),
            Lack::Other(ADMIN)
        );
        assert_eq!(
            lack(&R, &Principal::new("p").role("admin")),
            Lack::Scopes(vec!["a"])
        );
    }

    #[test]
    fn of_alternatives_the_one_that_scopes_open_is_named() {
        const R: Requirement = Requirement::any(&[Requirement::all(&[ADMIN, A]), B]);
        assert_eq!(lack(&R, &Principal::new("p")), Lack::Scopes(vec!["b"]));
        assert_eq!(
            lack(&R, &Principal::new("p").role("admin")),
            Lack::Scopes(vec!["a"])
        );
    }

    #[test]
    fn an_excluded_scope_is_not_asked_for() {
        const R: Requirement = Requirement::not(&A);
        assert_eq!(lack(&R, &Principal::new("p").scope("a")), Lack::Other(R));
    }

    #[test]
    fn scopes_before_an_unasked_policy_are_asked_for() {
        const R: Requirement = Requirement::all(&[A, Requirement::policy("p", 0)]);
        assert_eq!(lack(&R, &Principal::new("p")), Lack::Scopes(vec!["a"]));
        assert_eq!(
            explain(&R, &Principal::new("p"), &[PolicyAnswer::Denied]),
            Lack::Other(A),
            "a denied policy cannot be mended by scopes"
        );
    }
}
