//! A requirement as the alternatives of a `security` list: OR outside, AND inside.

use utoipa::openapi::security::SecurityRequirement;

use super::schemes::Named;
use crate::model::requirement::Requirement;
use crate::model::requirement::evaluate::accepts_scheme;

/// What one alternative asks for, as far as OpenAPI has a place for it. Each name once, in the
/// order of the requirement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Alternative {
    roles: Vec<&'static str>,
    scopes: Vec<&'static str>,
    schemes: Vec<&'static str>,
    excluded: Vec<&'static str>,
}

/// More alternatives than these are not written out: the document asks for what each of them has,
/// and the text of the requirement says the rest.
const MOST: usize = 64;

/// The objects of the list, each once; none where no caller can be authorized.
pub(super) fn of(requirement: &Requirement, schemes: &[Named]) -> Vec<SecurityRequirement> {
    let Some(alternatives) = alternatives(requirement, true) else {
        let accepted = schemes
            .iter()
            .filter(|named| accepts_scheme(requirement, named.name));
        let needed = needed(requirement, true);
        return accepted.map(|named| needed.requirement(named)).collect();
    };
    let mut objects = Vec::new();
    for alternative in alternatives {
        for object in alternative.objects(schemes) {
            if !objects.contains(&object) {
                objects.push(object);
            }
        }
    }
    objects
}

impl Alternative {
    fn objects(&self, schemes: &[Named]) -> Vec<SecurityRequirement> {
        let is_excluded = |named: &&Named| self.excluded.contains(&named.name);
        if self.schemes.is_empty() {
            // Any one of the schemes will do.
            return schemes
                .iter()
                .filter(|named| !is_excluded(named))
                .map(|named| self.requirement(named))
                .collect();
        }
        let wanted: Vec<_> = schemes
            .iter()
            .filter(|named| self.schemes.contains(&named.name))
            .collect();
        if wanted.len() < self.schemes.len() || wanted.iter().any(is_excluded) {
            return Vec::new();
        }
        let object = wanted
            .into_iter()
            .fold(SecurityRequirement::default(), |object, named| {
                object.add(named.key.clone(), self.names(named).to_vec())
            });
        vec![object]
    }

    fn requirement(&self, named: &Named) -> SecurityRequirement {
        SecurityRequirement::new(named.key.clone(), self.names(named).to_vec())
    }

    fn names(&self, named: &Named) -> &[&'static str] {
        if named.has_scopes() {
            &self.scopes
        } else {
            &self.roles
        }
    }

    fn and(&self, other: &Self) -> Self {
        Self {
            roles: union(&self.roles, &other.roles),
            scopes: union(&self.scopes, &other.scopes),
            schemes: union(&self.schemes, &other.schemes),
            excluded: union(&self.excluded, &other.excluded),
        }
    }
}

fn union(first: &[&'static str], second: &[&'static str]) -> Vec<&'static str> {
    let mut all = first.to_vec();
    for name in second {
        if !all.contains(name) {
            all.push(name);
        }
    }
    all
}

/// The alternatives under which the requirement holds, or does not hold; `None` where there are
/// too many.
fn alternatives(requirement: &Requirement, holds: bool) -> Option<Vec<Alternative>> {
    let mut one = Alternative::default();
    match (requirement, holds) {
        (Requirement::Not(part), _) => return alternatives(part, !holds),
        (Requirement::Named(part), _) => return alternatives(part.requirement, holds),
        (Requirement::All(parts), true) | (Requirement::Any(parts), false) => {
            return every(parts, holds);
        }
        (Requirement::Any(parts), true) | (Requirement::All(parts), false) => {
            return either(parts, holds);
        }
        // An unauthenticated caller is never authorized.
        (Requirement::Authenticated, false) => return Some(Vec::new()),
        (Requirement::Role(name), true) => one.roles.push(name),
        // A role that implies it does as well: a client is told the one that is asked for.
        (Requirement::TypedRole(role), true) => one.roles.push(role.set().name),
        (Requirement::Scope(name), true) => one.scopes.push(name),
        (Requirement::Scheme(name), true) => one.schemes.push(name),
        (Requirement::Scheme(name), false) => one.excluded.push(name),
        // There is no place for it.
        _ => {}
    }
    Some(vec![one])
}

/// The roles and scopes that stand in every alternative, as far as that is told by the form of the
/// requirement.
fn needed(requirement: &Requirement, holds: bool) -> Alternative {
    match (requirement, holds) {
        (Requirement::Not(part), _) => needed(part, !holds),
        (Requirement::Named(part), _) => needed(part.requirement, holds),
        (Requirement::All(parts), true) | (Requirement::Any(parts), false) => {
            parts.iter().fold(Alternative::default(), |all, part| {
                all.and(&needed(part, holds))
            })
        }
        (Requirement::Any(parts), true) | (Requirement::All(parts), false) => {
            let mut each = parts.iter().map(|part| needed(part, holds));
            let first = each.next().unwrap_or_default();
            each.fold(first, |all, one| Alternative {
                roles: shared(&all.roles, &one.roles),
                scopes: shared(&all.scopes, &one.scopes),
                ..Alternative::default()
            })
        }
        (Requirement::Role(name), true) => Alternative {
            roles: vec![name],
            ..Alternative::default()
        },
        (Requirement::TypedRole(role), true) => Alternative {
            roles: vec![role.set().name],
            ..Alternative::default()
        },
        (Requirement::Scope(name), true) => Alternative {
            scopes: vec![name],
            ..Alternative::default()
        },
        _ => Alternative::default(),
    }
}

fn shared(first: &[&'static str], second: &[&'static str]) -> Vec<&'static str> {
    let mut both = first.to_vec();
    both.retain(|name| second.contains(name));
    both
}

fn every(parts: &[Requirement], holds: bool) -> Option<Vec<Alternative>> {
    if parts.is_empty() {
        // `all()` of nothing is refused.
        return Some(Vec::new());
    }
    let mut product = vec![Alternative::default()];
    for part in parts {
        let next = alternatives(part, holds)?;
        product = product
            .iter()
            .flat_map(|left| next.iter().map(|right| left.and(right)))
            .take(MOST + 1)
            .collect();
    }
    (product.len() <= MOST).then_some(product)
}

fn either(parts: &[Requirement], holds: bool) -> Option<Vec<Alternative>> {
    let mut sum = Vec::new();
    for part in parts {
        sum.extend(alternatives(part, holds)?);
    }
    (sum.len() <= MOST).then_some(sum)
}
