//! Random requirements, decided here once more without looking at how the runtime does it.

use std::collections::BTreeSet;

use auth_runtime::Principal;
use auth_runtime::model::Requirement;
use auth_runtime::model::{Lack, explain};
use auth_runtime::model::{PolicyAnswer, Verdict, evaluate};
use proptest::prelude::*;

use crate::properties::runner;

const ROLES: [&str; 3] = ["admin", "editor", "Admin"];
const SCOPES: [&str; 3] = ["a", "b", "A"];
const PERMISSIONS: [&str; 3] = ["articles:edit", "articles", "users:read"];
const POLICIES: [&str; 3] = ["is_author", "is_open", "is_paid"];

#[derive(Clone, Debug)]
enum Tree {
    Authenticated,
    Role(usize),
    Scope(usize),
    Permission(usize),
    Scheme,
    Policy(usize),
    All(Vec<Tree>),
    Any(Vec<Tree>),
    Not(Box<Tree>),
}

/// What is true of a caller, as sets of names.
#[derive(Clone, Debug)]
struct Facts {
    roles: BTreeSet<usize>,
    scopes: BTreeSet<usize>,
    permissions: BTreeSet<usize>,
}

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        1 => Just(Tree::Authenticated),
        4 => (0..ROLES.len()).prop_map(Tree::Role),
        6 => (0..SCOPES.len()).prop_map(Tree::Scope),
        2 => (0..PERMISSIONS.len()).prop_map(Tree::Permission),
        1 => Just(Tree::Scheme),
        4 => (0..POLICIES.len()).prop_map(Tree::Policy),
    ];
    leaf.prop_recursive(6, 48, 4, |inner| {
        let list = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            3 => list().prop_map(Tree::All),
            3 => list().prop_map(Tree::Any),
            1 => inner.prop_map(|part| Tree::Not(Box::new(part))),
        ]
    })
}

fn facts() -> impl Strategy<Value = Facts> {
    let some = || prop::collection::btree_set(0..3_usize, 0..3);
    (some(), some(), some()).prop_map(|(roles, scopes, permissions)| Facts {
        roles,
        scopes,
        permissions,
    })
}

fn answers() -> impl Strategy<Value = Vec<PolicyAnswer>> {
    use PolicyAnswer::{Allowed, Denied, Failed, Unasked};
    let answer = prop::sample::select(vec![Allowed, Denied, Failed, Unasked]);
    prop::collection::vec(answer, POLICIES.len())
}

impl Facts {
    fn principal(&self) -> Principal {
        let name = |names: &[&'static str; 3], held: &BTreeSet<usize>| -> Vec<&'static str> {
            held.iter().map(|index| names[*index]).collect()
        };
        Principal::new("p")
            .roles(name(&ROLES, &self.roles))
            .scopes(name(&SCOPES, &self.scopes))
            .permissions(name(&PERMISSIONS, &self.permissions))
    }
}

impl Tree {
    /// Two values and "unknown" (Kleene): unknown is what no policy has answered.
    fn holds(&self, facts: &Facts, policies: &[Option<bool>]) -> Option<bool> {
        match self {
            Self::Authenticated => Some(true),
            Self::Role(index) => Some(facts.roles.contains(index)),
            Self::Scope(index) => Some(facts.scopes.contains(index)),
            Self::Permission(index) => Some(facts.permissions.contains(index)),
            // The principals here come from no scheme.
            Self::Scheme => Some(false),
            Self::Policy(index) => policies[*index],
            Self::Not(part) => part.holds(facts, policies).map(|held| !held),
            Self::All(parts) => {
                let held: Vec<_> = parts
                    .iter()
                    .map(|part| part.holds(facts, policies))
                    .collect();
                if held.contains(&Some(false)) {
                    Some(false)
                } else if held.contains(&None) {
                    None
                } else {
                    Some(true)
                }
            }
            Self::Any(parts) => {
                let held: Vec<_> = parts
                    .iter()
                    .map(|part| part.holds(facts, policies))
                    .collect();
                if held.contains(&Some(true)) {
                    Some(true)
                } else if held.contains(&None) {
                    None
                } else {
                    Some(false)
                }
            }
        }
    }

    fn requirement(&self) -> Requirement {
        let list = |parts: &[Self]| -> &'static [Requirement] {
            Vec::leak(parts.iter().map(Self::requirement).collect())
        };
        match self {
            Self::Authenticated => Requirement::AUTHENTICATED,
            Self::Role(index) => Requirement::role(ROLES[*index]),
            Self::Scope(index) => Requirement::scope(SCOPES[*index]),
            Self::Permission(index) => Requirement::permission(PERMISSIONS[*index]),
            Self::Scheme => Requirement::scheme("Bearer"),
            Self::Policy(index) => Requirement::policy(POLICIES[*index], *index),
            Self::All(parts) => Requirement::all(list(parts)),
            Self::Any(parts) => Requirement::any(list(parts)),
            Self::Not(part) => Requirement::not(Box::leak(Box::new(part.requirement()))),
        }
    }

    fn has_not(&self) -> bool {
        match self {
            Self::Not(_) => true,
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::has_not),
            _ => false,
        }
    }

    fn policies(&self) -> BTreeSet<usize> {
        match self {
            Self::Policy(index) => BTreeSet::from([*index]),
            Self::Not(part) => part.policies(),
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::policies).collect(),
            _ => BTreeSet::new(),
        }
    }
}

fn known(answers: &[PolicyAnswer]) -> Vec<Option<bool>> {
    answers
        .iter()
        .map(|answer| match answer {
            PolicyAnswer::Allowed => Some(true),
            PolicyAnswer::Denied => Some(false),
            _ => None,
        })
        .collect()
}

#[test]
fn f403_01_a_random_requirement_is_decided_as_logic_decides_it() {
    runner(4000)
        .run(&(trees(), facts(), answers()), |(tree, facts, answers)| {
            let requirement = tree.requirement();
            let verdict = evaluate(&requirement, &facts.principal(), &answers);
            match (tree.holds(&facts, &known(&answers)), verdict) {
                (Some(true), Verdict::Granted) | (Some(false), Verdict::Refused) => {}
                (None, Verdict::Needs(policy)) => {
                    prop_assert!(tree.policies().contains(&policy.index), "{requirement}");
                    prop_assert_eq!(policy.name, POLICIES[policy.index]);
                    prop_assert_eq!(answers[policy.index], PolicyAnswer::Unasked);
                }
                (None, Verdict::Failed) => {
                    // Nothing that could still be asked would decide it.
                    for bits in 0..1_u8 << POLICIES.len() {
                        let asked: Vec<_> = known(&answers)
                            .into_iter()
                            .enumerate()
                            .map(|(index, held)| match answers[index] {
                                PolicyAnswer::Unasked => Some(bits >> index & 1 == 1),
                                _ => held,
                            })
                            .collect();
                        prop_assert_eq!(tree.holds(&facts, &asked), None, "{}", requirement);
                    }
                }
                (expected, verdict) => {
                    prop_assert!(false, "{requirement}: {expected:?} but {verdict:?}");
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn neg_13_asking_policies_one_by_one_ends_where_knowing_them_all_does() {
    runner(2000)
        .run(
            &(trees(), facts(), answers()),
            |(tree, facts, mut answers)| {
                for answer in &mut answers {
                    if *answer == PolicyAnswer::Unasked {
                        *answer = PolicyAnswer::Failed;
                    }
                }
                let (requirement, principal) = (tree.requirement(), facts.principal());
                let mut told = vec![PolicyAnswer::Unasked; POLICIES.len()];
                let verdict = loop {
                    match evaluate(&requirement, &principal, &told) {
                        Verdict::Needs(policy) => {
                            prop_assert_eq!(told[policy.index], PolicyAnswer::Unasked);
                            told[policy.index] = answers[policy.index];
                        }
                        verdict => break verdict,
                    }
                };
                let expected = match tree.holds(&facts, &known(&answers)) {
                    Some(true) => Verdict::Granted,
                    Some(false) => Verdict::Refused,
                    None => Verdict::Failed,
                };
                prop_assert_eq!(verdict, expected, "{}", requirement);
                Ok(())
            },
        )
        .unwrap();
}

/// A client that is told `insufficient_scope` asks for those scopes: with them it must not be
/// refused again.
#[test]
fn f403_02_and_f403_05_scopes_are_asked_for_where_they_would_help_and_only_there() {
    runner(6000)
        .run(&(trees(), facts(), answers()), |(tree, facts, answers)| {
            let policies = known(&answers);
            if tree.holds(&facts, &policies) != Some(false) {
                return Ok(());
            }
            let (requirement, principal) = (tree.requirement(), facts.principal());
            match explain(&requirement, &principal, &answers) {
                Lack::Scopes(scopes) => {
                    let distinct: BTreeSet<_> = scopes.iter().collect();
                    prop_assert_eq!(
                        distinct.len(),
                        scopes.len(),
                        "{}: {:?}",
                        requirement,
                        scopes
                    );
                    let lacks_one = scopes.iter().any(|scope| !principal.has_scope(scope));
                    prop_assert!(lacks_one, "{requirement}: {scopes:?}");
                    let mut more = facts.clone();
                    for scope in &scopes {
                        let index = SCOPES.iter().position(|known| known == scope);
                        prop_assert!(index.is_some(), "{requirement}: {scopes:?}");
                        more.scopes.extend(index);
                    }
                    prop_assert!(
                        tree.holds(&more, &policies) != Some(false),
                        "{requirement} is refused with {scopes:?} too; the caller has {facts:?}"
                    );
                }
                Lack::Other(part) => {
                    prop_assert_eq!(evaluate(&part, &principal, &answers), Verdict::Refused);
                    prop_assert!(requirement.to_string().contains(&part.to_string()));
                    if !tree.has_not() {
                        let mut all = facts.clone();
                        all.scopes.extend(0..SCOPES.len());
                        let holds = tree.holds(&all, &policies);
                        prop_assert_eq!(holds, Some(false), "{}: scopes would do", requirement);
                    }
                }
                other => prop_assert!(false, "{other:?}"),
            }
            Ok(())
        })
        .unwrap();
}
