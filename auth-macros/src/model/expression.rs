//! What a handler asks for, as a tree: parsed completely, then emitted as constant data.

use std::fmt;

use proc_macro2::{Ident, Span, TokenStream};

use crate::{diagnostics::Place, model::text};

/// A requirement with the places it was written at.
#[derive(Clone, Debug)]
pub(crate) enum Expression {
    /// The caller is authenticated.
    Authenticated(Place),
    Leaf(Leaf),
    TypedRole(TypedRole),
    Policy(Policy),
    Check(Check),
    Named(Named),
    /// Every one of, or at least one of.
    Group(Group),
    Not(Not),
}

/// A requirement that names one string.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    pub(crate) kind: LeafKind,
    pub(crate) value: String,
    /// Of the string.
    pub(crate) span: Span,
    /// Of the string with the form around it.
    pub(crate) place: Place,
}

/// What the string of a leaf is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum LeafKind {
    Role,
    Scope,
    Permission,
    Scheme,
    /// How the caller authenticated.
    Acr,
    /// How long ago at most: a duration such as `15m`.
    MaxAge,
}

/// A role of a role type, by path.
#[derive(Clone, Debug)]
pub(crate) struct TypedRole {
    pub(crate) path: TokenStream,
    pub(crate) name: String,
    pub(crate) path_place: Place,
    /// The whole form, as far as there is one round the path.
    pub(crate) place: Place,
}

/// `policy(path)`: an async fn of the user's.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) path: TokenStream,
    pub(crate) name: String,
    pub(crate) place: Place,
}

/// `check(|user, body| ..)`: a closure over the handler's arguments.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    pub(crate) closure: TokenStream,
    pub(crate) closure_place: Place,
    pub(crate) is_async: bool,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) place: Place,
}

/// A requirement that `requirement!` names, by path.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) path: TokenStream,
    pub(crate) path_place: Place,
    /// Of arguments where it stands, which it is given.
    pub(crate) arguments: Vec<Ident>,
    /// With its arguments, as it would be written.
    pub(crate) name: String,
    pub(crate) place: Place,
}

/// A parameter of a check.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: Ident,
    /// What it refers to, where that is written.
    pub(crate) ty: Option<TokenStream>,
}

/// Whether two parts of a tree are written with the same text, and so ask the same. Macros of
/// different crates write `$crate` alike: what names it is the same as itself alone.
fn is_same<T>(one: &T, other: &T, text: impl Fn(&T) -> String) -> bool {
    let written = text(one);
    std::ptr::eq(one, other) || (written == text(other) && !written.contains('$'))
}

impl Policy {
    /// Whether the same is asked.
    pub(crate) fn is(&self, other: &Self) -> bool {
        is_same(self, other, |policy| policy.name.clone())
    }
}

impl Named {
    /// Whether the same is asked.
    pub(crate) fn is(&self, other: &Self) -> bool {
        is_same(self, other, |named| named.name.clone())
    }

    /// The names of its arguments, for logs.
    pub(crate) fn argument_names(&self) -> String {
        names(&self.arguments)
    }
}

fn names<'a>(names: impl IntoIterator<Item = &'a Ident>) -> String {
    let names: Vec<String> = names.into_iter().map(ToString::to_string).collect();
    names.join(", ")
}

impl Check {
    /// Whether the same is asked.
    pub(crate) fn is(&self, other: &Self) -> bool {
        is_same(self, other, |check| check.closure.to_string())
    }

    /// The closure, for reviews.
    pub(crate) fn text(&self) -> String {
        text::of(self.closure.clone())
    }

    /// The names of the parameters, for logs.
    pub(crate) fn names(&self) -> String {
        names(self.parameters.iter().map(|parameter| &parameter.name))
    }

    /// Whether no argument of the handler is needed.
    pub(crate) fn asks_for_caller_alone(&self) -> bool {
        let mut parameters = self.parameters.iter();
        parameters.all(|parameter| is_caller(&parameter.name))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) connective: Connective,
    pub(crate) place: Place,
    /// In source order, never empty once parsed without a mistake.
    pub(crate) members: Vec<Expression>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Connective {
    All,
    Any,
}

#[derive(Clone, Debug)]
pub(crate) struct Not {
    pub(crate) place: Place,
    pub(crate) operand: Box<Expression>,
}

impl LeafKind {
    pub(crate) const EVERY: [Self; 6] = [
        Self::Role,
        Self::Scope,
        Self::Permission,
        Self::Scheme,
        Self::Acr,
        Self::MaxAge,
    ];

    /// The form's name in the requirement language.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Scope => "scope",
            Self::Permission => "permission",
            Self::Scheme => "scheme",
            Self::Acr => "acr",
            Self::MaxAge => "max_age",
        }
    }
}

impl Connective {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Any => "any",
        }
    }
}

impl Expression {
    /// Where the requirement stands.
    pub(crate) fn place(&self) -> Place {
        match self {
            Self::Authenticated(place) => *place,
            Self::Leaf(leaf) => leaf.place,
            Self::TypedRole(role) => role.place,
            Self::Policy(policy) => policy.place,
            Self::Check(check) => check.place,
            Self::Named(named) => named.place,
            Self::Group(group) => group.place,
            Self::Not(not) => not.place,
        }
    }

    /// All of several requirements, or the one there is.
    pub(crate) fn all(mut members: Vec<Self>) -> Option<Self> {
        let last = members.pop()?;
        if members.is_empty() {
            return Some(last);
        }
        let place = last.place();
        members.push(last);
        Some(Self::Group(Group {
            connective: Connective::All,
            place,
            members,
        }))
    }

    /// Shows every string of the tree, from the left.
    pub(crate) fn leaves(&self, show: &mut impl FnMut(&Leaf)) {
        match self {
            Self::Leaf(leaf) => show(leaf),
            Self::Group(group) => {
                for member in &group.members {
                    member.leaves(show);
                }
            }
            Self::Not(not) => not.operand.leaves(show),
            Self::Authenticated(_)
            | Self::TypedRole(_)
            | Self::Policy(_)
            | Self::Check(_)
            | Self::Named(_) => {}
        }
    }

    /// The names that hold wherever the requirement does, each once.
    pub(crate) fn granted(&self) -> Vec<&Named> {
        match self {
            // What was asked with arguments says nothing of others.
            Self::Named(named) if named.arguments.is_empty() => vec![named],
            Self::Group(group) if group.connective == Connective::All => {
                let mut found: Vec<&Named> = Vec::new();
                for named in group.members.iter().flat_map(Self::granted) {
                    // By name: a type is granted once, and of two that are written alike it cannot
                    // be told whether they are one.
                    if found.iter().all(|known| known.name != named.name) {
                        found.push(named);
                    }
                }
                found
            }
            _ => Vec::new(),
        }
    }
}

/// The seconds of a duration: a number and one unit of `s`, `m`, `h` and `d`, with nothing before,
/// between or behind.
pub(crate) fn duration_seconds(text: &str) -> Option<u64> {
    let unit = match text.chars().next_back()? {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    let number = text.get(..text.len() - 1)?;
    // `parse` would take a sign.
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// The requirement as it is written inside `#[requires(...)]`.
impl fmt::Display for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(self, None, formatter)
    }
}

/// The requirement as it is written inside `#[requires_role(...)]` and its kin, where the
/// strings stand alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Short<'a>(pub(crate) &'a Expression, pub(crate) LeafKind);

impl fmt::Display for Short<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(self.0, Some(self.1), formatter)
    }
}

fn write(
    expression: &Expression,
    short: Option<LeafKind>,
    formatter: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    match expression {
        Expression::Authenticated(_) => formatter.write_str("authenticated"),
        Expression::Leaf(leaf) if short == Some(leaf.kind) => write!(formatter, "{:?}", leaf.value),
        Expression::Leaf(leaf) => write!(formatter, "{}({:?})", leaf.kind.name(), leaf.value),
        Expression::TypedRole(role) if short == Some(LeafKind::Role) => {
            formatter.write_str(&role.name)
        }
        Expression::TypedRole(role) => write!(formatter, "role({})", role.name),
        Expression::Policy(policy) => write!(formatter, "policy({})", policy.name),
        Expression::Named(named) => formatter.write_str(&named.name),
        Expression::Check(check) => write!(formatter, "check({})", check.text()),
        Expression::Group(group) => {
            write!(formatter, "{}(", group.connective.name())?;
            for (position, member) in group.members.iter().enumerate() {
                if position > 0 {
                    formatter.write_str(", ")?;
                }
                write(member, short, formatter)?;
            }
            formatter.write_str(")")
        }
        Expression::Not(not) => {
            formatter.write_str("not(")?;
            write(&not.operand, short, formatter)?;
            formatter.write_str(")")
        }
    }
}

/// Names under which a check asks for the caller.
pub(crate) const CALLER: [&str; 2] = ["user", "principal"];

/// Whether a parameter of a check is the caller.
pub(crate) fn is_caller(name: &Ident) -> bool {
    CALLER.iter().any(|caller| name == caller)
}
