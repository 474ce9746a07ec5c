//! What a handler asks for, as constant data.

pub(crate) mod evaluate;
pub(crate) mod explain;

use std::fmt;

use crate::model::role::{RoleSet, TypedRole};

/// What a handler asks of the caller.
///
/// The attributes write it as a constant; [`evaluate`](crate::model::evaluate) decides it.
/// Every requirement but [`Access::Public`] also requires an authenticated caller, whatever the tree
/// says: `not(role("banned"))` is no way in for a stranger.
///
/// `Display` gives the text of the attribute language, for logs and reports:
///
/// ```
/// use auth_runtime::model::Requirement;
///
/// const EDIT: Requirement = Requirement::any(&[
///     Requirement::role("editor"),
///     Requirement::all(&[Requirement::role("author"), Requirement::scope("articles:write")]),
/// ]);
/// assert_eq!(
///     EDIT.to_string(),
///     r#"any(role("editor"), all(role("author"), scope("articles:write")))"#
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Requirement {
    /// The caller is authenticated.
    Authenticated,
    /// The principal has this role. Compared byte by byte.
    Role(&'static str),
    /// The principal has a role of this set: one of a role type, or one that implies it.
    TypedRole(TypedRole),
    /// The principal's token carries this scope. Compared byte by byte (RFC 6749 §3.3).
    Scope(&'static str),
    /// The principal has this permission, by name or by a wildcard in what was granted.
    Permission(&'static str),
    /// The principal was authenticated by the scheme of this name.
    Scheme(&'static str),
    /// The principal authenticated at most this many seconds ago (RFC 9470 §3 `max_age`).
    MaxAge(u64),
    /// The principal was authenticated in one of these ways, most preferred first (RFC 9470 §3
    /// `acr_values`). Compared byte by byte. Of none: never granted.
    Acr(&'static [&'static str]),
    /// The app's own function says so.
    Policy(PolicyId),
    /// A condition on the handler's arguments holds.
    Check(CheckId),
    /// Every one of these. Of none: it cannot be decided, and is refused.
    All(&'static [Requirement]),
    /// At least one of these. Of none: it cannot be decided, and is refused.
    Any(&'static [Requirement]),
    /// Not this.
    Not(&'static Requirement),
    /// A named requirement that asks policies or checks of its own.
    Named(NamedPart),
}

/// A named requirement inside of another: its questions have numbers of their own there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedPart {
    /// The name.
    pub name: &'static str,
    /// The arguments that it is given, as they stand in the attribute: `id, body`.
    pub arguments: &'static str,
    /// What it stands for.
    pub requirement: &'static Requirement,
    /// The number that its first question has in what it stands in.
    pub first: usize,
    /// How many questions it asks.
    pub count: usize,
}

impl NamedPart {
    /// The number of one of its questions in what it stands in; `None` of one that it has not.
    pub(crate) fn number(&self, index: usize) -> Option<usize> {
        let is_its_own = index < self.count;
        self.first.checked_add(index).filter(|_| is_its_own)
    }

    /// The answers to its questions, among those of what it stands in.
    pub(crate) fn answers<'a, T>(&self, answers: &'a [T]) -> &'a [T] {
        let behind = answers.get(self.first..).unwrap_or_default();
        behind.get(..self.count).unwrap_or(behind)
    }
}

/// A policy of a handler: its name, and its place in the handler's list of policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyId {
    /// The path as it stands in the attribute.
    pub name: &'static str,
    /// Index into the handler's policies, from 0.
    pub index: usize,
    /// It is a check that asks for the caller alone, and stands in a named requirement: asked like
    /// a policy, before the handler's arguments are extracted. The name is that of its parameters.
    pub is_check: bool,
    /// The closure of such a check, as [`CheckId::text`].
    pub text: &'static str,
}

/// A check of a handler: its parameters, and its place in the handler's list of questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckId {
    /// The names of the closure's parameters, such as `user, body`.
    pub name: &'static str,
    /// Index into the handler's policies and, behind them, its checks, from 0.
    pub index: usize,
    /// The closure as it stands in the attribute, such as `|user, body| body.from ==
    /// user.subject()`, on one line whatever its layout and without comments; empty where a
    /// requirement was written by hand. For reviews: logs have the parameters alone.
    pub text: &'static str,
}

impl Requirement {
    /// The caller is authenticated.
    pub const AUTHENTICATED: Self = Self::Authenticated;

    /// The principal has the role `name`.
    #[must_use]
    pub const fn role(name: &'static str) -> Self {
        Self::Role(name)
    }

    /// The principal has a role of the set, or one that implies it.
    #[must_use]
    pub const fn typed_role(set: fn() -> RoleSet) -> Self {
        Self::TypedRole(TypedRole::new(set))
    }

    /// The principal's token carries the scope `name`.
    #[must_use]
    pub const fn scope(name: &'static str) -> Self {
        Self::Scope(name)
    }

    /// The principal has the permission `name`.
    #[must_use]
    pub const fn permission(name: &'static str) -> Self {
        Self::Permission(name)
    }

    /// The principal was authenticated by the scheme `name`, for example `"Bearer"`.
    #[must_use]
    pub const fn scheme(name: &'static str) -> Self {
        Self::Scheme(name)
    }

    /// The principal authenticated at most `seconds` ago: entered the password, held the key, not
    /// merely sent a token. 0 asks for an authentication in this very second.
    ///
    /// Who did so longer ago, or at a time that the verifier does not know, is answered with 401
    /// and `insufficient_user_authentication` (RFC 9470 §3), so that the client can send them to
    /// authenticate again.
    #[must_use]
    pub const fn max_age(seconds: u64) -> Self {
        Self::MaxAge(seconds)
    }

    /// The principal was authenticated in one of the ways `values`, most preferred first: the
    /// `acr` of OpenID Connect, such as `urn:example:mfa`. Compared byte by byte.
    ///
    /// Who was not is answered with 401 and `insufficient_user_authentication` (RFC 9470 §3).
    #[must_use]
    pub const fn acr(values: &'static [&'static str]) -> Self {
        Self::Acr(values)
    }

    /// The policy `name`, number `index` in the handler's list, allows it.
    #[must_use]
    pub const fn policy(name: &'static str, index: usize) -> Self {
        Self::Policy(PolicyId {
            name,
            index,
            is_check: false,
            text: "",
        })
    }

    /// The check of the caller alone, of the parameters `name`, that a named requirement holds:
    /// number `index` in its list of policies.
    #[must_use]
    pub const fn caller_check(name: &'static str, index: usize) -> Self {
        Self::written_caller_check(name, index, "")
    }

    /// The same, with the closure's text.
    #[must_use]
    pub const fn written_caller_check(
        name: &'static str,
        index: usize,
        text: &'static str,
    ) -> Self {
        Self::Policy(PolicyId {
            name,
            index,
            is_check: true,
            text,
        })
    }

    /// The check of the parameters `name`, number `index` in the handler's list of policies and,
    /// behind them, checks, allows it.
    #[must_use]
    pub const fn check(name: &'static str, index: usize) -> Self {
        Self::written_check(name, index, "")
    }

    /// The same, with the closure's text.
    #[must_use]
    pub const fn written_check(name: &'static str, index: usize, text: &'static str) -> Self {
        Self::Check(CheckId { name, index, text })
    }

    /// Every one of `parts`.
    #[must_use]
    pub const fn all(parts: &'static [Self]) -> Self {
        Self::All(parts)
    }

    /// At least one of `parts`.
    #[must_use]
    pub const fn any(parts: &'static [Self]) -> Self {
        Self::Any(parts)
    }

    /// Not `part`.
    #[must_use]
    // The language of the attributes says `not(..)`; this is no operator on a value.
    #[allow(clippy::should_implement_trait)]
    pub const fn not(part: &'static Self) -> Self {
        Self::Not(part)
    }

    /// A named requirement, whose questions have the numbers from `part.first` on. What asks
    /// nothing stands for itself.
    #[must_use]
    pub const fn named(part: NamedPart) -> Self {
        if part.count == 0 && !part.requirement.mentions(Kind::Question) {
            return *part.requirement;
        }
        Self::Named(part)
    }

    /// Whether a scheme is named anywhere in the tree.
    #[must_use]
    pub const fn names_scheme(&self) -> bool {
        self.mentions(Kind::Scheme)
    }

    /// Calls `found` with each scope that is asked for, in the order of the tree; not with those
    /// that are excluded (`not`).
    pub(crate) fn for_each_asked_scope(&self, found: &mut dyn FnMut(&'static str)) {
        self.visit_scopes(true, found);
    }

    fn visit_scopes(&self, is_asked: bool, found: &mut dyn FnMut(&'static str)) {
        match self {
            Self::Scope(name) if is_asked => found(name),
            Self::Not(part) => part.visit_scopes(!is_asked, found),
            Self::Named(part) => part.requirement.visit_scopes(is_asked, found),
            Self::All(parts) | Self::Any(parts) => {
                for part in *parts {
                    part.visit_scopes(is_asked, found);
                }
            }
            Self::Authenticated
            | Self::Role(_)
            | Self::TypedRole(_)
            | Self::Scope(_)
            | Self::Permission(_)
            | Self::Scheme(_)
            | Self::MaxAge(_)
            | Self::Acr(_)
            | Self::Policy(_)
            | Self::Check(_) => {}
        }
    }

    /// Whether the decision depends on the time: whether `max_age` stands anywhere in the tree.
    #[must_use]
    pub const fn depends_on_time(&self) -> bool {
        self.mentions(Kind::MaxAge)
    }

    const fn mentions(&self, wanted: Kind) -> bool {
        match self {
            Self::Scheme(_) => matches!(wanted, Kind::Scheme),
            Self::MaxAge(_) => matches!(wanted, Kind::MaxAge),
            Self::Policy(_) | Self::Check(_) => matches!(wanted, Kind::Question),
            Self::Not(part) => part.mentions(wanted),
            Self::Named(part) => part.requirement.mentions(wanted),
            Self::All(parts) | Self::Any(parts) => {
                let mut rest = *parts;
                while let [first, behind @ ..] = rest {
                    if first.mentions(wanted) {
                        return true;
                    }
                    rest = behind;
                }
                false
            }
            Self::Authenticated
            | Self::Role(_)
            | Self::TypedRole(_)
            | Self::Scope(_)
            | Self::Permission(_)
            | Self::Acr(_) => false,
        }
    }
}

/// What a requirement can be searched for. A `const fn` takes no closure.
#[derive(Clone, Copy)]
enum Kind {
    Scheme,
    MaxAge,
    /// A policy or a check.
    Question,
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_in(None, f)
    }
}

/// The named requirements that something stands in.
#[derive(Clone, Copy)]
pub(crate) struct Inside<'a> {
    pub(crate) part: &'a NamedPart,
    pub(crate) outer: Option<&'a Inside<'a>>,
}

/// Where a check stands: the same closure asks for something else in `owns(article)` and in
/// `owns(author)`.
impl fmt::Display for Inside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, " in {}", self.part.name)?;
        if !self.part.arguments.is_empty() {
            write!(f, "({})", self.part.arguments)?;
        }
        self.outer.map_or(Ok(()), |outer| write!(f, "{outer}"))
    }
}

impl Requirement {
    /// The text, inside of these named requirements.
    pub(crate) fn write_in(
        &self,
        inside: Option<&Inside<'_>>,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let check = |f: &mut fmt::Formatter<'_>, name: &str| {
            write!(f, "check(|{name}| ..")?;
            inside.map_or(Ok(()), |inside| write!(f, "{inside}"))?;
            f.write_str(")")
        };
        match self {
            Self::Authenticated => f.write_str("authenticated"),
            Self::Role(name) => write!(f, "role({name:?})"),
            Self::TypedRole(role) => write!(f, "role({:?})", role.set().name),
            Self::Scope(name) => write!(f, "scope({name:?})"),
            Self::Permission(name) => write!(f, "permission({name:?})"),
            Self::Scheme(name) => write!(f, "scheme({name})"),
            Self::MaxAge(seconds) => write_duration(f, *seconds),
            Self::Acr([only]) => write!(f, "acr({only:?})"),
            Self::Acr(values) => {
                f.write_str("any(")?;
                for (position, value) in values.iter().enumerate() {
                    let comma = if position == 0 { "" } else { ", " };
                    write!(f, "{comma}acr({value:?})")?;
                }
                f.write_str(")")
            }
            Self::Policy(policy) if policy.is_check => check(f, policy.name),
            Self::Policy(policy) => write!(f, "policy({})", policy.name),
            Self::Check(id) => check(f, id.name),
            Self::All(parts) => write_list(f, "all", parts, inside),
            Self::Any(parts) => write_list(f, "any", parts, inside),
            Self::Not(part) => {
                f.write_str("not(")?;
                part.write_in(inside, f)?;
                f.write_str(")")
            }
            Self::Named(part) => part.requirement.write_in(
                Some(&Inside {
                    part,
                    outer: inside,
                }),
                f,
            ),
        }
    }
}

/// In the largest unit that needs no fraction, as it would be written.
fn write_duration(f: &mut fmt::Formatter<'_>, seconds: u64) -> fmt::Result {
    const UNITS: [(u64, &str); 3] = [(86_400, "d"), (3_600, "h"), (60, "m")];
    let unit = UNITS
        .iter()
        .find(|(size, _)| seconds > 0 && seconds.is_multiple_of(*size));
    let (size, name) = unit.unwrap_or(&(1, "s"));
    write!(f, "max_age(\"{}{name}\")", seconds / size)
}

fn write_list(
    f: &mut fmt::Formatter<'_>,
    word: &str,
    parts: &[Requirement],
    inside: Option<&Inside<'_>>,
) -> fmt::Result {
    write!(f, "{word}(")?;
    for (position, part) in parts.iter().enumerate() {
        if position > 0 {
            f.write_str(", ")?;
        }
        part.write_in(inside, f)?;
    }
    f.write_str(")")
}

/// The access decision of a handler: open to anyone, or a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// No authentication is required. The reason is for the reviewer.
    Public(&'static str),
    /// The caller must be authenticated, and this must hold.
    Requires(Requirement),
}

impl Access {
    /// Open to anyone, for the given reason.
    #[must_use]
    pub const fn public(reason: &'static str) -> Self {
        Self::Public(reason)
    }

    /// The caller must be authenticated, and `requirement` must hold.
    #[must_use]
    pub const fn requires(requirement: Requirement) -> Self {
        Self::Requires(requirement)
    }

    /// Whether a scheme is named anywhere in the requirement.
    #[must_use]
    pub const fn names_scheme(&self) -> bool {
        match self {
            Self::Public(_) => false,
            Self::Requires(requirement) => requirement.names_scheme(),
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public(_) => f.write_str("public"),
            Self::Requires(requirement) => requirement.fmt(f),
        }
    }
}
