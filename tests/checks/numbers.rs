//! Named requirements that ask decide as if what they stand for were written in their place.

use std::time::{Duration, UNIX_EPOCH};

use auth_runtime::Principal;
use auth_runtime::model::NamedPart;
use auth_runtime::model::Requirement;
use auth_runtime::model::{Lack, explain_at, scopes_of};
use auth_runtime::model::{PolicyAnswer, Verdict, evaluate, evaluate_at};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Tree {
    Role(bool),
    Scope(u8),
    MaxAge(u64),
    Policy,
    Check,
    All(Vec<Tree>),
    Any(Vec<Tree>),
    Not(Box<Tree>),
    Named(Box<Tree>),
}

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Tree::Role),
        (0_u8..3).prop_map(Tree::Scope),
        (1_u64..3).prop_map(Tree::MaxAge),
        Just(Tree::Policy),
        Just(Tree::Check),
    ];
    leaf.prop_recursive(5, 24, 3, |inner| {
        prop_oneof![
            2 => prop::collection::vec(inner.clone(), 1..4).prop_map(Tree::All),
            2 => prop::collection::vec(inner.clone(), 1..4).prop_map(Tree::Any),
            1 => inner.clone().prop_map(|tree| Tree::Not(Box::new(tree))),
            3 => inner.prop_map(|tree| Tree::Named(Box::new(tree))),
        ]
    })
}

/// How many policies and checks a tree asks itself, and what it names.
fn own<'a>(tree: &'a Tree, counts: &mut (usize, usize), named: &mut Vec<&'a Tree>) {
    match tree {
        Tree::Role(_) | Tree::Scope(_) | Tree::MaxAge(_) => {}
        Tree::Policy => counts.0 += 1,
        Tree::Check => counts.1 += 1,
        Tree::All(members) | Tree::Any(members) => {
            for member in members {
                own(member, counts, named);
            }
        }
        Tree::Not(operand) => own(operand, counts, named),
        Tree::Named(inside) => named.push(inside),
    }
}

/// How many questions there are in all.
fn count(tree: &Tree) -> usize {
    match tree {
        Tree::Role(_) | Tree::Scope(_) | Tree::MaxAge(_) => 0,
        Tree::Policy | Tree::Check => 1,
        Tree::All(members) | Tree::Any(members) => members.iter().map(count).sum(),
        Tree::Not(inside) | Tree::Named(inside) => count(inside),
    }
}

/// The next numbers of a requirement's policies, of what it names, and of its checks.
#[derive(Clone, Copy)]
struct Numbers {
    policy: usize,
    named: usize,
    check: usize,
}

impl Numbers {
    fn of(tree: &Tree) -> Self {
        let mut counts = (0, 0);
        let mut named = Vec::new();
        own(tree, &mut counts, &mut named);
        let inside: usize = named.into_iter().map(count).sum();
        Self {
            policy: 0,
            named: counts.0,
            check: counts.0 + inside,
        }
    }
}

fn leak(requirements: Vec<Requirement>) -> &'static [Requirement] {
    Vec::leak(requirements)
}

/// The requirement with what is named as a part, and with it written in its place: there, `first`
/// is the number of the first question in the whole.
fn build(tree: &Tree, numbers: &mut Numbers, first: usize) -> (Requirement, Requirement) {
    let take = |number: &mut usize| {
        *number += 1;
        *number - 1
    };
    match tree {
        Tree::Role(holds) => {
            let role = Requirement::role(if *holds { "has" } else { "lacks" });
            (role, role)
        }
        Tree::Scope(number) => {
            let names = ["one", "two", "three"];
            let scope = Requirement::scope(names[usize::from(*number)]);
            (scope, scope)
        }
        Tree::MaxAge(seconds) => {
            let age = Requirement::max_age(*seconds);
            (age, age)
        }
        Tree::Policy => {
            let index = take(&mut numbers.policy);
            let policy = |index| Requirement::policy("p", index);
            (policy(index), policy(first + index))
        }
        Tree::Check => {
            let index = take(&mut numbers.check);
            let check = |index| Requirement::check("c", index);
            (check(index), check(first + index))
        }
        Tree::All(members) => {
            let built = members.iter().map(|member| build(member, numbers, first));
            let (parts, flat) = built.unzip();
            (Requirement::all(leak(parts)), Requirement::all(leak(flat)))
        }
        Tree::Any(members) => {
            let built = members.iter().map(|member| build(member, numbers, first));
            let (parts, flat) = built.unzip();
            (Requirement::any(leak(parts)), Requirement::any(leak(flat)))
        }
        Tree::Not(operand) => {
            let (part, flat) = build(operand, numbers, first);
            let [part, flat] = [part, flat].map(|one| Requirement::not(Box::leak(Box::new(one))));
            (part, flat)
        }
        Tree::Named(inside) => {
            let at = numbers.named;
            let count = count(inside);
            numbers.named += count;
            let (part, flat) = build(inside, &mut Numbers::of(inside), first + at);
            let part = Requirement::named(NamedPart {
                name: "n",
                arguments: "",
                requirement: Box::leak(Box::new(part)),
                first: at,
                count,
            });
            (part, flat)
        }
    }
}

fn answers() -> impl Strategy<Value = Vec<PolicyAnswer>> {
    let answer = prop_oneof![
        Just(PolicyAnswer::Unasked),
        Just(PolicyAnswer::Allowed),
        Just(PolicyAnswer::Denied),
        Just(PolicyAnswer::Failed),
    ];
    prop::collection::vec(answer, 0..16)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn a_part_decides_as_what_it_stands_for_and_asks_for_the_same(tree in trees(), answers in answers()) {
        let (parts, flat) = build(&tree, &mut Numbers::of(&tree), 0);
        let now = UNIX_EPOCH + Duration::from_secs(10);
        let principal = Principal::new("p").role("has").scope("one").with_authenticated_at(UNIX_EPOCH);
        prop_assert_eq!(
            evaluate_at(&parts, &principal, &answers, now),
            evaluate_at(&flat, &principal, &answers, now),
            "{}", flat
        );
        let [one, other] = [parts, flat].map(|one| explain_at(&one, &principal, &answers, now));
        match (one, other) {
            // The same part of the tree, in other numbers.
            (Lack::Other(one), Lack::Other(other)) => {
                let one = one.to_string().replace(" in n", "");
                prop_assert_eq!(one, other.to_string().replace(" in n", ""));
            }
            (one, other) => prop_assert_eq!(one, other),
        }
        prop_assert_eq!(scopes_of(&parts), scopes_of(&flat));
        prop_assert_eq!(parts.depends_on_time(), flat.depends_on_time());
    }

    /// Numbers that are none of a part's own reach no neighbour's answer.
    #[test]
    fn a_question_that_is_none_of_its_own_is_never_answered(
        index in 0_usize..6, count in 0_usize..6, first in 0_usize..6, is_check: bool, is_negated: bool,
    ) {
        let question = if is_check { Requirement::check("c", index) } else { Requirement::policy("p", index) };
        let question: &'static Requirement = Box::leak(Box::new(question));
        let part = NamedPart { name: "n", arguments: "", requirement: question, first, count };
        let part = Requirement::named(part);
        let requirement = if is_negated { Requirement::not(Box::leak(Box::new(part))) } else { part };
        let answer = if is_negated { PolicyAnswer::Denied } else { PolicyAnswer::Allowed };
        let mut answers = vec![answer; 16];
        let principal = Principal::new("p");
        let verdict = evaluate(&requirement, &principal, &answers);
        prop_assert_eq!(verdict == Verdict::Granted, index < count);
        answers[first + index] = PolicyAnswer::Unasked;
        let asks = matches!(
            evaluate(&requirement, &principal, &answers),
            Verdict::Needs(_) | Verdict::NeedsArguments(_)
        );
        prop_assert_eq!(asks, index < count);
    }
}
