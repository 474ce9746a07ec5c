//! Rules on what a requirement means.

use crate::{
    diagnostics::Diagnostics,
    model::expression::{Connective, Expression, LeafKind},
    rule::Rule,
};

/// Up to this many different parts a requirement is checked by its whole truth table.
const MOST_ATOMS: usize = 12;

/// The caller is authenticated before a requirement is evaluated, so that this never holds.
pub(super) fn not_authenticated(expression: &Expression, diagnostics: &mut Diagnostics) {
    match expression {
        Expression::Not(not) => {
            if matches!(*not.operand, Expression::Authenticated(_)) {
                diagnostics.report_with_help(
                    Rule::NotAuthenticated,
                    not.place,
                    "`not(authenticated)` is never true: an unauthenticated caller is refused first",
                    "write `#[public(reason = \"...\")]` if anyone may call it",
                );
            } else {
                not_authenticated(&not.operand, diagnostics);
            }
        }
        Expression::Group(group) => {
            for member in &group.members {
                not_authenticated(member, diagnostics);
            }
        }
        Expression::Authenticated(_)
        | Expression::Leaf(_)
        | Expression::TypedRole(_)
        | Expression::Policy(_)
        | Expression::Check(_)
        | Expression::Named(_) => {}
    }
}

/// The same thing twice in one list is a name that was not changed after copying.
pub(super) fn duplicates(expression: &Expression, diagnostics: &mut Diagnostics) {
    match expression {
        Expression::Group(group) => {
            let mut seen: Vec<(String, &Expression)> = Vec::new();
            for member in &group.members {
                let text = member.to_string();
                if let Some((_, first)) = seen.iter().find(|(known, _)| *known == text) {
                    diagnostics.report_with_help(
                        Rule::Duplicate,
                        member.place(),
                        format!(
                            "`{text}` is duplicated in `{}(...)`",
                            group.connective.name()
                        ),
                        "remove one, or name what was meant",
                    );
                    diagnostics.report(Rule::Duplicate, first.place(), "the first is here");
                } else {
                    duplicates(member, diagnostics);
                    seen.push((text, member));
                }
            }
        }
        Expression::Not(not) => duplicates(&not.operand, diagnostics),
        Expression::Authenticated(_)
        | Expression::Leaf(_)
        | Expression::TypedRole(_)
        | Expression::Policy(_)
        | Expression::Check(_)
        | Expression::Named(_) => {}
    }
}

/// A part that is false for every caller, or true for every caller, is not what was meant. The
/// innermost such part is reported.
pub(super) fn constant(expression: &Expression, diagnostics: &mut Diagnostics) -> bool {
    let inner = match expression {
        Expression::Group(group) => group
            .members
            .iter()
            .map(|member| constant(member, diagnostics))
            .fold(false, |any, one| any | one),
        Expression::Not(not) => constant(&not.operand, diagnostics),
        Expression::Authenticated(_)
        | Expression::Leaf(_)
        | Expression::TypedRole(_)
        | Expression::Policy(_)
        | Expression::Check(_)
        | Expression::Named(_) => return false,
    };
    if inner {
        return true;
    }
    match values(expression) {
        Values::Never => {
            diagnostics.report_with_help(
                Rule::Contradiction,
                expression.place(),
                format!("`{expression}` is never true, so no caller could reach the handler"),
                "remove one side of the contradiction",
            );
            true
        }
        Values::Always => {
            diagnostics.report_with_help(
                Rule::Tautology,
                expression.place(),
                format!("`{expression}` is true for every authenticated caller"),
                "write `#[requires_auth]` if that is meant",
            );
            true
        }
        Values::Both => false,
    }
}

/// What a requirement can come to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Values {
    Never,
    Always,
    Both,
}

pub(super) fn values(expression: &Expression) -> Values {
    let mut atoms = Vec::new();
    collect(expression, &mut atoms);
    if atoms.is_empty() {
        // Nothing but `authenticated`, which is what it says.
        return Values::Both;
    }
    if atoms.len() > MOST_ATOMS {
        return opposites(expression);
    }
    let (mut met, mut refused) = (false, false);
    for row in 0_u32..1 << atoms.len() {
        let truth = Row { atoms: &atoms, row };
        if truth.is_possible() {
            if truth.of(expression) {
                met = true;
            } else {
                refused = true;
            }
        }
    }
    match (met, refused) {
        (false, _) => Values::Never,
        (true, false) => Values::Always,
        (true, true) => Values::Both,
    }
}

/// A part whose truth does not follow from the others.
#[derive(Debug, Eq, PartialEq)]
struct Atom {
    /// `None` for what is not named by a string.
    kind: Option<LeafKind>,
    name: String,
}

fn atom(expression: &Expression) -> Option<Atom> {
    match expression {
        Expression::Leaf(leaf) => Some(Atom {
            kind: Some(leaf.kind),
            name: leaf.value.clone(),
        }),
        Expression::TypedRole(role) => Some(Atom {
            kind: None,
            name: format!("role {}", role.name),
        }),
        Expression::Policy(policy) => Some(Atom {
            kind: None,
            name: policy.name.clone(),
        }),
        Expression::Named(named) => Some(Atom {
            kind: None,
            name: format!("named {}", named.name),
        }),
        Expression::Check(check) => Some(Atom {
            kind: None,
            name: format!("check {}", check.closure),
        }),
        Expression::Authenticated(_) | Expression::Group(_) | Expression::Not(_) => None,
    }
}

fn collect(expression: &Expression, atoms: &mut Vec<Atom>) {
    match expression {
        Expression::Group(group) => {
            for member in &group.members {
                collect(member, atoms);
            }
        }
        Expression::Not(not) => collect(&not.operand, atoms),
        leaf => atoms.extend(atom(leaf).filter(|found| !atoms.contains(found))),
    }
}

/// One row of the truth table: bit `n` is the truth of atom `n`.
struct Row<'a> {
    atoms: &'a [Atom],
    row: u32,
}

impl Row<'_> {
    fn bit(&self, position: usize) -> bool {
        self.row >> position & 1 == 1
    }

    /// A principal was authenticated by one scheme and in one way.
    fn is_possible(&self) -> bool {
        [LeafKind::Scheme, LeafKind::Acr].into_iter().all(|kind| {
            let held = self
                .atoms
                .iter()
                .enumerate()
                .filter(|(position, atom)| atom.kind == Some(kind) && self.bit(*position));
            held.count() <= 1
        })
    }

    fn of(&self, expression: &Expression) -> bool {
        match expression {
            Expression::Authenticated(_) => true,
            Expression::Group(group) => match group.connective {
                Connective::All => group.members.iter().all(|member| self.of(member)),
                Connective::Any => group.members.iter().any(|member| self.of(member)),
            },
            Expression::Not(not) => !self.of(&not.operand),
            leaf => {
                let found = atom(leaf);
                self.atoms
                    .iter()
                    .position(|known| Some(known) == found.as_ref())
                    .is_some_and(|position| self.bit(position))
            }
        }
    }
}

/// For a requirement too large for its truth table: whether a list holds a part and its opposite.
fn opposites(expression: &Expression) -> Values {
    let Expression::Group(group) = expression else {
        return Values::Both;
    };
    let texts: Vec<String> = group.members.iter().map(ToString::to_string).collect();
    let has_opposites = texts
        .iter()
        .any(|text| texts.contains(&format!("not({text})")));
    match (has_opposites, group.connective) {
        (true, Connective::All) => Values::Never,
        (true, Connective::Any) => Values::Always,
        (false, _) => Values::Both,
    }
}
