//! The hierarchy, closed: which roles are as good as each, and what each grants in the end.

use std::collections::BTreeSet;

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
        for (position, variant) in variants.iter().enumerate() {
            if reached
                .get(position)
                .is_some_and(|reached| reached.contains(&position))
            {
                cycle(variant, diagnostics);
            }
        }
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
            let found = variants.iter().position(|other| other.ident == *name);
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

/// Roles that imply each other are one role with two names.
fn cycle(variant: &Variant, diagnostics: &mut Diagnostics) {
    diagnostics.report_with_help(
        Rule::RoleCycle,
        variant.ident.span(),
        format!("the role `{}` implies itself", variant.ident),
        "remove one `implies` of the circle",
    );
}
