//! Roles as an enum of the app's own.

use std::fmt;

/// A role type: a fieldless enum with `#[derive(Role)]`.
///
/// Each variant has a wire name, under which a [`Principal`](crate::Principal) holds it, and may
/// imply others and grant permissions. `#[requires_role(Role::Editor)]` is satisfied by every role that
/// implies `Editor`; a variant that there is not does not compile.
///
/// ```
/// use auth_runtime::{Principal, Role};
///
/// #[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
/// enum Role {
///     #[role(implies(Editor), grants("users:*"))]
///     Admin,
///     #[role(grants("articles:*"))]
///     Editor,
///     #[role(name = "guest")]
///     Visitor,
/// }
///
/// assert_eq!(Role::Admin.to_string(), "admin");
/// assert_eq!("guest".parse(), Ok(Role::Visitor));
/// assert!(Principal::new("ada").role(Role::Admin).has_role("admin"));
/// ```
///
/// # Security
///
/// A requirement by name, `requires_role("editor")`, is satisfied by that very name and knows of no
/// hierarchy.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a role type",
    label = "not a role",
    note = "add `#[derive(Role)]` to `{Self}`, or write the role as a string literal"
)]
pub trait RoleType: Copy + 'static {
    /// Every role, in the order of declaration.
    const ALL: &'static [Self];

    /// The role's name, and which roles have it or imply it.
    fn set(self) -> RoleSet;

    /// What holders of the role are granted, its own and what the roles it implies grant, each
    /// once: patterns as of [`Principal::grant`](crate::Principal::grant).
    fn grants(self) -> &'static [&'static str];

    /// The wire name.
    fn name(self) -> &'static str {
        self.set().name
    }

    /// The role of this name, compared byte by byte.
    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == name)
    }
}

/// A role, and the roles that are as good: a constant of the role type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleSet {
    /// The wire name.
    pub name: &'static str,
    /// The wire names of the role itself and of all that imply it, directly or through others, in
    /// the order of declaration.
    pub satisfied_by: &'static [&'static str],
}

/// A role of a role type, in a requirement.
///
/// Two are equal where they stand for the same roles.
#[derive(Clone, Copy, Debug)]
pub struct TypedRole(fn() -> RoleSet);

impl TypedRole {
    pub(crate) const fn new(set: fn() -> RoleSet) -> Self {
        Self(set)
    }

    /// The role, and the roles that satisfy it.
    #[must_use]
    pub fn set(&self) -> RoleSet {
        (self.0)()
    }
}

impl PartialEq for TypedRole {
    fn eq(&self, other: &Self) -> bool {
        self.set() == other.set()
    }
}

impl Eq for TypedRole {}

/// The role type of an app, for those who know a role by its name. What the type has no role for
/// grants nothing, and nothing implies it.
#[derive(Debug)]
pub(crate) struct RolesOfApp {
    /// What the role of this name grants: patterns.
    pub(crate) grants_of: fn(&str) -> &'static [&'static str],
    /// The role of this name and all that imply it.
    pub(crate) satisfied_by: fn(&str) -> &'static [&'static str],
}

impl RolesOfApp {
    pub(crate) const fn of<R: RoleType>() -> &'static Self {
        &Self {
            grants_of: |name| R::from_name(name).map_or(&[], RoleType::grants),
            satisfied_by: |name| R::from_name(name).map_or(&[], |role| role.set().satisfied_by),
        }
    }
}

/// The set of a role that an attribute names.
#[doc(hidden)]
#[must_use]
pub fn role_set<R: RoleType>(role: R) -> RoleSet {
    role.set()
}

/// A role's name, and what to say to who wrote another one like it.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct NameOfRole {
    /// The name.
    pub name: &'static str,
    /// The message.
    pub otherwise: &'static str,
}

/// Fails to compile where `name` is none of the names, and says which is the nearest.
///
/// # Panics
///
/// When it is evaluated at run time, likewise.
#[doc(hidden)]
#[track_caller]
// Evaluated by the compiler: a panic here is a compile error, and that is its use.
#[allow(clippy::panic)]
pub const fn assert_role(names: &'static [NameOfRole], name: &str) {
    match find_role(names, name) {
        Found::Role => {}
        Found::Near(near) => panic!("{}", near.otherwise),
        Found::Nothing => panic!("a role type without roles"),
    }
}

/// What became of looking for a role by its name.
#[derive(Clone, Copy)]
pub(crate) enum Found {
    /// There it is.
    Role,
    /// There is none of this name, and this one is the nearest.
    Near(NameOfRole),
    /// There are no roles.
    Nothing,
}

/// Looks for a role by its name.
pub(crate) const fn find_role(names: &'static [NameOfRole], name: &str) -> Found {
    let mut found = Found::Nothing;
    let mut least = usize::MAX;
    let mut rest = names;
    while let Some((first, others)) = rest.split_first() {
        if is_same(first.name.as_bytes(), name.as_bytes()) {
            return Found::Role;
        }
        let distance = distance(first.name.as_bytes(), name.as_bytes());
        if distance < least {
            (found, least) = (Found::Near(*first), distance);
        }
        rest = others;
    }
    found
}

const fn is_same(mut left: &[u8], mut right: &[u8]) -> bool {
    loop {
        match (left, right) {
            ([], []) => return true,
            ([one, left_rest @ ..], [other, right_rest @ ..]) if *one == *other => {
                (left, right) = (left_rest, right_rest);
            }
            _ => return false,
        }
    }
}

/// Levenshtein distance of the first 64 bytes.
#[allow(clippy::indexing_slicing)]
const fn distance(left: &[u8], right: &[u8]) -> usize {
    const MOST: usize = 64;
    let (lines, cells) = (least_of(left.len(), MOST), least_of(right.len(), MOST));
    let mut row = [0; MOST + 1];
    let mut cell = 0;
    while cell <= cells {
        row[cell] = cell;
        cell += 1;
    }
    let mut line = 0;
    while line < lines {
        let mut diagonal = row[0];
        row[0] = line + 1;
        let mut cell = 0;
        while cell < cells {
            let substituted = diagonal + (left[line] != right[cell]) as usize;
            diagonal = row[cell + 1];
            row[cell + 1] = least_of(substituted, least_of(row[cell] + 1, diagonal + 1));
            cell += 1;
        }
        line += 1;
    }
    // What lies behind the first 64 bytes counts by its length.
    row[cells] + (left.len() - lines).abs_diff(right.len() - cells)
}

const fn least_of(one: usize, other: usize) -> usize {
    if one < other { one } else { other }
}

/// Reads a role by name.
#[doc(hidden)]
#[allow(clippy::missing_errors_doc)]
pub fn deserialize_role<'de, R: RoleType, D: serde::Deserializer<'de>>(
    deserializer: D,
    expected: &'static [&'static str],
) -> Result<R, D::Error> {
    let name = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
    R::from_name(&name).ok_or_else(|| serde::de::Error::custom(UnknownRole::new(expected)))
}

/// A text that names no role of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownRole {
    /// The names that there are, in the order of declaration.
    pub expected: &'static [&'static str],
}

impl UnknownRole {
    /// For the names that there are.
    #[must_use]
    pub const fn new(expected: &'static [&'static str]) -> Self {
        Self { expected }
    }
}

impl fmt::Display for UnknownRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "unknown role, expected one of: {}",
            self.expected.join(", ")
        )
    }
}

impl std::error::Error for UnknownRole {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_compared_to_its_end() {
        let long = "a".repeat(80);
        let names: &'static [NameOfRole] = Vec::leak(vec![NameOfRole {
            name: String::leak(format!("{long}b")),
            otherwise: "",
        }]);
        assert!(matches!(find_role(names, &format!("{long}b")), Found::Role));
        assert!(matches!(
            find_role(names, &format!("{long}c")),
            Found::Near(_)
        ));
        assert!(matches!(find_role(names, &long), Found::Near(_)));
        assert!(matches!(find_role(&[], &long), Found::Nothing));
    }
}
