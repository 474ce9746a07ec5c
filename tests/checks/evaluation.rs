//! Three-valued evaluation with checks, against writing out every case.

use auth_runtime::Principal;
use auth_runtime::model::Requirement;
use auth_runtime::model::{PolicyAnswer, Verdict, evaluate};
use proptest::prelude::*;

/// A requirement over what is known, what can be asked before the body, and what cannot.
#[derive(Clone, Debug)]
enum Tree {
    Role(bool),
    Policy,
    Check,
    All(Vec<Tree>),
    Any(Vec<Tree>),
    Not(Box<Tree>),
}

const POLICIES: usize = 3;
const CHECKS: usize = 3;

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Tree::Role),
        Just(Tree::Policy),
        Just(Tree::Check),
    ];
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Tree::All),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Tree::Any),
            inner.prop_map(|tree| Tree::Not(Box::new(tree))),
        ]
    })
}

/// The requirement, in which every question is asked at one place only: a question that stands
/// twice can decide without being asked (`any(c, not(c))`), which is a mistake at compile time.
struct Built {
    policies: usize,
    checks: usize,
}

impl Built {
    fn build(&mut self, tree: &Tree) -> Requirement {
        match tree {
            Tree::Role(holds) => Requirement::role(if *holds { "has" } else { "lacks" }),
            Tree::Policy => {
                let index = self.policies;
                self.policies += 1;
                Requirement::policy("p", index)
            }
            Tree::Check => {
                let index = self.checks;
                self.checks += 1;
                Requirement::check("c", POLICIES + index)
            }
            Tree::All(members) => Requirement::all(self.members(members)),
            Tree::Any(members) => Requirement::any(self.members(members)),
            Tree::Not(operand) => Requirement::not(Box::leak(Box::new(self.build(operand)))),
        }
    }

    fn members(&mut self, members: &[Tree]) -> &'static [Requirement] {
        let members: Vec<Requirement> = members.iter().map(|member| self.build(member)).collect();
        Vec::leak(members)
    }
}

fn holds(requirement: &Requirement, answers: &[bool]) -> bool {
    match requirement {
        Requirement::Role(name) => *name == "has",
        Requirement::Policy(policy) => answers[policy.index],
        Requirement::Check(check) => answers[check.index],
        Requirement::All(members) => members.iter().all(|member| holds(member, answers)),
        Requirement::Any(members) => members.iter().any(|member| holds(member, answers)),
        Requirement::Not(operand) => !holds(operand, answers),
        other => panic!("{other}"),
    }
}

fn answer(allowed: bool) -> PolicyAnswer {
    if allowed {
        PolicyAnswer::Allowed
    } else {
        PolicyAnswer::Denied
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn what_can_be_decided_before_the_body_is(tree in trees(), bits in 0_u8..64) {
        let mut built = Built { policies: 0, checks: 0 };
        let requirement = built.build(&tree);
        prop_assume!(built.policies <= POLICIES && built.checks <= CHECKS);
        let truth: Vec<bool> = (0..POLICIES + CHECKS).map(|bit| bits >> bit & 1 == 1).collect();
        let principal = Principal::new("p").role("has");
        let mut answers = vec![PolicyAnswer::Unasked; POLICIES];

        // Before the body: the policies.
        let verdict = loop {
            match evaluate(&requirement, &principal, &answers) {
                Verdict::Needs(policy) => answers[policy.index] = answer(truth[policy.index]),
                verdict => break verdict,
            }
        };
        // Whether the checks could still turn it, by all their answers.
        let rows: Vec<bool> = (0_u8..8)
            .map(|row| {
                let mut row_truth = truth.clone();
                for check in 0..CHECKS {
                    row_truth[POLICIES + check] = row >> check & 1 == 1;
                }
                holds(&requirement, &row_truth)
            })
            .collect();
        let is_open = rows.iter().any(|row| *row) && rows.iter().any(|row| !*row);
        prop_assert_eq!(matches!(verdict, Verdict::NeedsArguments(_)), is_open, "{}", requirement);

        // After it: the checks, and never a policy again.
        answers.resize(POLICIES + CHECKS, PolicyAnswer::Unasked);
        let mut asked = 0;
        let verdict = loop {
            match evaluate(&requirement, &principal, &answers) {
                Verdict::NeedsArguments(check) => {
                    asked += 1;
                    answers[check.index] = answer(truth[check.index]);
                }
                verdict => break verdict,
            }
        };
        prop_assert!(asked <= built.checks);
        let expected = if holds(&requirement, &truth) { Verdict::Granted } else { Verdict::Refused };
        prop_assert_eq!(verdict, expected, "{}", requirement);
    }

    #[test]
    fn a_check_that_fails_grants_only_what_holds_whatever_it_says(tree in trees(), bits in 0_u8..64) {
        let mut built = Built { policies: 0, checks: 0 };
        let requirement = built.build(&tree);
        prop_assume!(built.policies <= POLICIES && built.checks <= CHECKS);
        let truth: Vec<bool> = (0..POLICIES + CHECKS).map(|bit| bits >> bit & 1 == 1).collect();
        let answers: Vec<PolicyAnswer> = (0..POLICIES + CHECKS)
            .map(|index| {
                if index < POLICIES { answer(truth[index]) } else { PolicyAnswer::Failed }
            })
            .collect();
        let verdict = evaluate(&requirement, &Principal::new("p").role("has"), &answers);
        if verdict == Verdict::Granted {
            for row in 0_u8..8 {
                let mut truth = truth.clone();
                for check in 0..CHECKS {
                    truth[POLICIES + check] = row >> check & 1 == 1;
                }
                prop_assert!(holds(&requirement, &truth), "{}", requirement);
            }
        }
    }
}
