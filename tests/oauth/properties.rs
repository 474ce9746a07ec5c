//! Step-up in any requirement, against an evaluator written another way.

use std::time::Duration;

use auth_runtime::Principal;
use auth_runtime::model::Requirement;
use auth_runtime::model::{Lack, explain_at};
use auth_runtime::model::{Verdict, evaluate_at};
use proptest::prelude::*;

use crate::support::{NOW, at};

const ACR: [&str; 3] = ["a", "b", "c"];
const NAMES: [&str; 3] = ["x", "y", "z"];

/// What somebody is, in two-valued terms.
#[derive(Clone, Debug)]
struct Person {
    age: Option<u64>,
    acr: Option<usize>,
    roles: [bool; 3],
    scopes: [bool; 3],
}

impl Person {
    fn principal(&self) -> Principal {
        let mut principal = Principal::new("p");
        if let Some(age) = self.age {
            principal = principal.with_authenticated_at(at(NOW) - Duration::from_secs(age));
        }
        if let Some(acr) = self.acr {
            principal = principal.with_acr(ACR[acr]);
        }
        for (index, name) in NAMES.into_iter().enumerate() {
            if self.roles[index] {
                principal = principal.role(name);
            }
            if self.scopes[index] {
                principal = principal.scope(name);
            }
        }
        principal
    }

    fn meets(&self, requirement: &Requirement) -> bool {
        match requirement {
            Requirement::MaxAge(most) => self.age.is_some_and(|age| age <= *most),
            Requirement::Acr(values) => self.acr.is_some_and(|acr| values.contains(&ACR[acr])),
            Requirement::Role(name) => self.roles[NAMES.iter().position(|n| n == name).unwrap()],
            Requirement::Scope(name) => self.scopes[NAMES.iter().position(|n| n == name).unwrap()],
            Requirement::All(parts) => !parts.iter().any(|part| !self.meets(part)),
            Requirement::Any(parts) => parts.iter().any(|part| self.meets(part)),
            Requirement::Not(part) => !self.meets(part),
            other => panic!("{other} is not made here"),
        }
    }
}

fn person() -> impl Strategy<Value = Person> {
    (
        proptest::option::of(0_u64..4),
        proptest::option::of(0_usize..3),
        any::<[bool; 3]>(),
        any::<[bool; 3]>(),
    )
        .prop_map(|(age, acr, roles, scopes)| Person {
            age,
            acr,
            roles,
            scopes,
        })
}

fn requirement() -> impl Strategy<Value = Requirement> {
    let leaf = prop_oneof![
        (0_u64..4).prop_map(Requirement::max_age),
        proptest::sample::subsequence(ACR.to_vec(), 1..=3)
            .prop_map(|values| Requirement::acr(values.leak())),
        proptest::sample::select(&NAMES[..]).prop_map(Requirement::role),
        proptest::sample::select(&NAMES[..]).prop_map(Requirement::scope),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let parts = || proptest::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            parts().prop_map(|parts| Requirement::all(parts.leak())),
            parts().prop_map(|parts| Requirement::any(parts.leak())),
            inner
                .clone()
                .prop_map(|part| Requirement::not(Box::leak(Box::new(part)))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_verdict_is_that_of_the_other_evaluator(requirement in requirement(), person in person()) {
        let verdict = evaluate_at(&requirement, &person.principal(), &[], at(NOW));
        let expected = if person.meets(&requirement) { Verdict::Granted } else { Verdict::Refused };
        prop_assert_eq!(verdict, expected);
    }

    /// Who does what the challenge says is not sent round in circles.
    #[test]
    fn a_step_up_that_was_made_is_not_asked_for_again(requirement in requirement(), person in person()) {
        let principal = person.principal();
        if person.meets(&requirement) {
            return Ok(());
        }
        let Lack::StepUp(step_up) = explain_at(&requirement, &principal, &[], at(NOW)) else {
            return Ok(());
        };
        prop_assert!(step_up.max_age.is_some() || !step_up.acr_values.is_empty());
        let mut after = principal.scopes(step_up.scopes.iter().copied());
        if step_up.max_age.is_some() {
            after = after.with_authenticated_at(at(NOW));
        }
        if let Some(acr) = step_up.acr_values.first() {
            after = after.with_acr(*acr);
        }
        if evaluate_at(&requirement, &after, &[], at(NOW)) == Verdict::Refused {
            let next = explain_at(&requirement, &after, &[], at(NOW));
            prop_assert_ne!(next, Lack::StepUp(step_up), "{}", requirement);
        }
    }

    /// RFC 6750 §3.1: whoever asks for the scopes that were named is not refused for it again.
    #[test]
    fn scopes_that_were_named_are_enough(requirement in requirement(), person in person()) {
        let principal = person.principal();
        if person.meets(&requirement) {
            return Ok(());
        }
        if let Lack::Scopes(scopes) = explain_at(&requirement, &principal, &[], at(NOW)) {
            let after = principal.scopes(scopes);
            prop_assert_eq!(evaluate_at(&requirement, &after, &[], at(NOW)), Verdict::Granted);
        }
    }
}
