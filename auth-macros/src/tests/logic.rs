//! Requirements that are the same for every caller, against another way of finding them.

use crate::{model::annotation::Kind, rule::Rule, tests::mistakes};

/// A requirement over three roles, written out and evaluated by hand.
enum Tree {
    Role(usize),
    Not(Box<Tree>),
    All(Vec<Tree>),
    Any(Vec<Tree>),
}

const NAMES: [&str; 3] = ["a", "b", "c"];

impl Tree {
    fn text(&self) -> String {
        let list = |members: &[Tree]| {
            members
                .iter()
                .map(Tree::text)
                .collect::<Vec<_>>()
                .join(", ")
        };
        match self {
            Self::Role(role) => format!("role({:?})", NAMES[*role]),
            Self::Not(operand) => format!("not({})", operand.text()),
            Self::All(members) => format!("all({})", list(members)),
            Self::Any(members) => format!("any({})", list(members)),
        }
    }

    fn holds(&self, has: [bool; 3]) -> bool {
        match self {
            Self::Role(role) => has[*role],
            Self::Not(operand) => !operand.holds(has),
            Self::All(members) => members.iter().all(|member| member.holds(has)),
            Self::Any(members) => members.iter().any(|member| member.holds(has)),
        }
    }

    /// Whether every principal, or no principal, meets the tree or one of its lists.
    fn is_constant_somewhere(&self) -> bool {
        let inside = match self {
            Self::Role(_) => return false,
            Self::Not(operand) => return operand.is_constant_somewhere(),
            Self::All(members) | Self::Any(members) => {
                members.iter().any(Self::is_constant_somewhere)
            }
        };
        let results = (0..8).map(|row| self.holds([row & 1 > 0, row & 2 > 0, row & 4 > 0]));
        let met = results.filter(|holds| *holds).count();
        inside || met == 0 || met == 8
    }

    fn has_duplicate(&self) -> bool {
        match self {
            Self::Role(_) => false,
            Self::Not(operand) => operand.has_duplicate(),
            Self::All(members) | Self::Any(members) => {
                let texts: Vec<_> = members.iter().map(Self::text).collect();
                texts
                    .iter()
                    .enumerate()
                    .any(|(position, text)| texts[..position].contains(text))
                    || members.iter().any(Self::has_duplicate)
            }
        }
    }
}

/// A tree for each number: the digits choose its forms.
fn tree(number: &mut u64, depth: usize) -> Tree {
    let mut digit = |base: u64| {
        let digit = *number % base;
        *number /= base;
        digit
    };
    let form = if depth == 0 { 0 } else { digit(4) };
    match form {
        0 => Tree::Role(usize::try_from(digit(3)).unwrap()),
        1 => Tree::Not(Box::new(tree(number, depth - 1))),
        form => {
            let members = (0..2).map(|_| tree(number, depth - 1)).collect();
            if form == 2 {
                Tree::All(members)
            } else {
                Tree::Any(members)
            }
        }
    }
}

#[test]
fn constants_are_found_as_by_writing_out_every_case() {
    let mut constants = 0;
    for seed in 0..4_000_u64 {
        let mut number = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 8;
        let tree = tree(&mut number, 3);
        let found = mistakes(Kind::Requires, &tree.text());
        if tree.has_duplicate() {
            assert!(found.contains(&Rule::Duplicate), "{}", tree.text());
            continue;
        }
        let is_reported = found.contains(&Rule::Contradiction) || found.contains(&Rule::Tautology);
        assert_eq!(is_reported, tree.is_constant_somewhere(), "{}", tree.text());
        constants += usize::from(is_reported);
    }
    assert!(
        constants > 100,
        "the trees are constant often enough to compare: {constants}"
    );
}

#[test]
fn what_is_never_met_and_what_is_always_met_are_told_apart() {
    for (requirement, rule) in [
        (r#"all(role("a"), not(role("a")))"#, Rule::Contradiction),
        (r#"any(role("a"), not(role("a")))"#, Rule::Tautology),
        (r#"any(role("a"), authenticated)"#, Rule::Tautology),
        ("all(scheme(Bearer), scheme(Basic))", Rule::Contradiction),
        (
            "any(not(scheme(Bearer)), not(scheme(Basic)))",
            Rule::Tautology,
        ),
        ("all(policy(p), not(policy(p)))", Rule::Contradiction),
        ("not(authenticated)", Rule::NotAuthenticated),
        (
            r#"any(role("x"), all(role("a"), not(role("a"))))"#,
            Rule::Contradiction,
        ),
    ] {
        assert_eq!(
            mistakes(Kind::Requires, requirement),
            [rule],
            "{requirement}"
        );
    }
}

#[test]
fn a_role_and_a_scope_of_one_name_are_two_things() {
    assert!(mistakes(Kind::Requires, r#"all(role("a"), not(scope("a")))"#).is_empty());
    assert!(mistakes(Kind::Requires, r#"any(role("a"), not(permission("a")))"#).is_empty());
    assert!(mistakes(Kind::Requires, r#"all(authenticated, role("a"))"#).is_empty());
    assert!(mistakes(Kind::Requires, "authenticated").is_empty());
}

#[test]
fn opposites_are_found_where_the_table_would_be_too_large() {
    let many: Vec<String> = (0..20)
        .map(|number| format!("role(\"r{number}\")"))
        .collect();
    let many = many.join(", ");
    assert!(mistakes(Kind::Requires, &format!("any({many})")).is_empty());
    assert_eq!(
        mistakes(Kind::Requires, &format!("any({many}, not(role(\"r7\")))")),
        [Rule::Tautology]
    );
    assert_eq!(
        mistakes(Kind::Requires, &format!("all({many}, not(role(\"r7\")))")),
        [Rule::Contradiction]
    );
}
