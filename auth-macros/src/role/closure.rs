//! The hierarchy, closed: which roles are as good as each, and what each grants in the end.

use std::collections::{BTreeSet, VecDeque};

use syn::ext::IdentExt as _;

use super::Variant;
use crate::{
    diagnostics::{Diagnostics, nearest},
    rule::Rule,
};

/// By the position of a role in its type.
pub(super) struct Closure {
    /// The role itself and all that imply it, in the order of declaration.
    pub(super) satisfied_by: Vec<Vec<usize>>,
    /// The role's own patterns, then those of the roles it implies, each once.
    pub(super) grants: Vec<Vec<String>>,
}

impl Closure {
    pub(super) fn of(variants: &[Variant], diagnostics: &mut Diagnostics) -> Self {
        let direct: Vec<Vec<usize>> = variants
            .iter()
            .map(|variant| targets(variant, variants, diagnostics))
            .collect();
        let reached: Vec<BTreeSet<usize>> = (0..variants.len())
            .map(|start| reach(start, &direct))
            .collect();
        cycles(variants, &direct, diagnostics);
        let implies = |from: usize, to: usize| {
            from == to
                || reached
                    .get(from)
                    .is_some_and(|reached| reached.contains(&to))
        };
        Self {
            satisfied_by: (0..variants.len())
                .map(|to| {
                    (0..variants.len())
                        .filter(|from| implies(*from, to))
                        .collect()
                })
                .collect(),
            grants: (0..variants.len())
                .map(|from| {
                    let own = variants.get(from).into_iter();
                    let others = reached.get(from).into_iter().flatten();
                    let others = others.filter_map(|to| variants.get(*to));
                    let mut grants: Vec<String> = Vec::new();
                    for grant in own.chain(others).flat_map(|variant| &variant.grants) {
                        if !grants.contains(grant) {
                            grants.push(grant.clone());
                        }
                    }
                    grants
                })
                .collect(),
        }
    }
}

/// The positions of the roles that a role implies directly. One that there is not is a mistake.
fn targets(variant: &Variant, variants: &[Variant], diagnostics: &mut Diagnostics) -> Vec<usize> {
    variant
        .implies
        .iter()
        .filter_map(|name| {
            let found = variants
                .iter()
                .position(|other| other.ident.unraw() == name.unraw());
            if found.is_none() {
                let idents: Vec<String> = variants
                    .iter()
                    .map(|other| other.ident.to_string())
                    .collect();
                let help = match nearest(&name.to_string(), idents.iter().map(String::as_str)) {
                    Some(near) => format!("there is a role of a similar name: `{near}`"),
                    None => format!("the roles are `{}`", idents.join("`, `")),
                };
                diagnostics.report_with_help(
                    Rule::RoleImpliesUnknown,
                    name.span(),
                    format!("there is no role `{name}`"),
                    help,
                );
            }
            found
        })
        .collect()
}

/// All that follows from a role, itself only by way of others.
fn reach(start: usize, direct: &[Vec<usize>]) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<usize> = direct.get(start).cloned().unwrap_or_default();
    while let Some(next) = open.pop() {
        if reached.insert(next) {
            open.extend(direct.get(next).into_iter().flatten());
        }
    }
    reached
}

/// Roles that imply each other are one role with two names. Each circle is reported once.
fn cycles(variants: &[Variant], direct: &[Vec<usize>], diagnostics: &mut Diagnostics) {
    let mut reported = BTreeSet::new();
    for (start, variant) in variants.iter().enumerate() {
        if reported.contains(&start) {
            continue;
        }
        let Some(circle) = circle(start, direct) else {
            continue;
        };
        let names: Vec<String> = circle
            .iter()
            .chain([&start])
            .filter_map(|role| variants.get(*role))
            .map(|role| format!("`{}`", role.ident))
            .collect();
        reported.extend(circle);
        let step = names.get(1).and_then(|next| {
            variant
                .implies
                .iter()
                .find(|name| *next == format!("`{name}`"))
        });
        diagnostics.report_with_help(
            Rule::RoleCycle,
            step.unwrap_or(&variant.ident).span(),
            format!("the role `{}` implies itself", variant.ident),
            format!(
                "remove one `implies` of the circle {}",
                names.join(" implies ")
            ),
        );
    }
}

/// The shortest way from a role back to itself, without the return.
fn circle(start: usize, direct: &[Vec<usize>]) -> Option<Vec<usize>> {
    let mut open = VecDeque::from([vec![start]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = open.pop_front() {
        for next in way
            .last()
            .and_then(|last| direct.get(*last))
            .into_iter()
            .flatten()
        {
            if *next == start {
                return Some(way);
            }
            if seen.insert(*next) {
                let mut longer = way.clone();
                longer.push(*next);
                open.push_back(longer);
            }
        }
    }
    None
}
