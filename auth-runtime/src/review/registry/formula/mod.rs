//! A requirement read back from its text, so that one of today can be compared with one that was
//! written to a file.

mod parse;

use std::fmt;

use crate::model::requirement::{Access, CheckId, Inside, PolicyId, Requirement};

/// Who may call a handler, as a formula over what can be true of a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Formula {
    /// Public, for this reason.
    Public(String),
    Authenticated,
    Atom(Atom),
    All(Vec<Formula>),
    Any(Vec<Formula>),
    Not(Box<Formula>),
}

/// A leaf: `role("admin")`, `policy(is_author)`, or a form that this version does not know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Atom {
    /// `role`, `scope`, `policy`, …
    pub(crate) kind: String,
    /// What stands in the parentheses, a string without its quotes.
    pub(crate) name: String,
    /// As it is written.
    pub(crate) text: String,
}

/// Where and why a text is no requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FormulaError {
    /// In bytes from the beginning.
    pub(crate) position: usize,
    pub(crate) problem: &'static str,
}

impl Formula {
    /// The leaves from left to right, as often as they stand there.
    pub(crate) fn atoms(&self) -> Vec<&Atom> {
        match self {
            Self::Public(_) | Self::Authenticated => Vec::new(),
            Self::Atom(atom) => vec![atom],
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::atoms).collect(),
            Self::Not(part) => part.atoms(),
        }
    }

    /// The requirement of a handler. A role of a role type becomes every role that is as good, so that a
    /// change of the type's hierarchy is a change of access.
    pub(crate) fn of(access: &Access) -> Self {
        match access {
            Access::Public(reason) => Self::Public((*reason).to_owned()),
            Access::Requires(requirement) => Self::of_requirement(requirement, None),
        }
    }

    fn of_requirement(requirement: &Requirement, inside: Option<&Inside<'_>>) -> Self {
        let of = |part: &Requirement| Self::of_requirement(part, inside);
        let list = |parts: &[Requirement]| parts.iter().map(of).collect();
        match requirement {
            Requirement::All(parts) => Self::All(list(parts)),
            Requirement::Any(parts) => Self::Any(list(parts)),
            Requirement::Not(part) => Self::Not(Box::new(of(part))),
            Requirement::Named(part) => {
                let inside = Inside {
                    part,
                    outer: inside,
                };
                Self::of_requirement(part.requirement, Some(&inside))
            }
            Requirement::TypedRole(role) => {
                let roles = role.set().satisfied_by.iter().copied();
                let mut roles: Vec<_> = roles.map(|role| of(&Requirement::role(role))).collect();
                match (roles.pop(), roles.is_empty()) {
                    (Some(only), true) => only,
                    (final_role, _) => {
                        roles.extend(final_role);
                        Self::Any(roles)
                    }
                }
            }
            Requirement::Check(CheckId { text, .. })
            | Requirement::Policy(PolicyId {
                is_check: true,
                text,
                ..
            }) if !text.is_empty() => Self::check(text, inside),
            // A leaf is what its text says, also one of a kind that is unknown here.
            leaf => {
                let text = Leaf(leaf, inside).to_string();
                Self::parse(&text).unwrap_or_else(|_| Self::other(text))
            }
        }
    }

    /// A check, with the whole text of its closure: of a digest, a reviewer would learn that the
    /// question is another one and not which.
    fn check(text: &str, inside: Option<&Inside<'_>>) -> Self {
        let inside = inside.map(ToString::to_string).unwrap_or_default();
        // Quoted, for a closure may hold parentheses and quotes of its own.
        let text = format!("check({text:?}{inside})");
        Self::parse(&text).unwrap_or_else(|_| Self::other(text))
    }

    /// A leaf that is kept as it is.
    fn other(text: String) -> Self {
        Self::Atom(Atom {
            kind: "other".to_owned(),
            text: format!("other({text:?})"),
            name: text,
        })
    }

    /// The same without what the checks say, but with the names of their parameters, and with what
    /// they are given.
    pub(crate) fn without_texts(&self) -> Self {
        let list = |parts: &[Self]| parts.iter().map(Self::without_texts).collect();
        match self {
            Self::Atom(atom) if atom.kind == "check" => Self::Atom(Atom {
                kind: atom.kind.clone(),
                name: parameters(&atom.name) + given(&atom.name),
                text: String::new(),
            }),
            Self::Public(_) | Self::Authenticated | Self::Atom(_) => self.clone(),
            Self::All(parts) => Self::All(list(parts)),
            Self::Any(parts) => Self::Any(list(parts)),
            Self::Not(part) => Self::Not(Box::new(part.without_texts())),
        }
    }

    /// Whether an authenticated caller is authorized; `holds` tells what is true of the caller.
    pub(crate) fn admits(&self, holds: &dyn Fn(&Atom) -> bool) -> bool {
        self.decides(holds) == Some(true)
    }

    /// `None` where it cannot be decided: a list of nothing, as `evaluate` has it, grants nothing
    /// even when it is negated.
    fn decides(&self, holds: &dyn Fn(&Atom) -> bool) -> Option<bool> {
        let list = |parts: &[Self], decisive: bool| {
            let mut outcome = (!parts.is_empty()).then_some(!decisive);
            for part in parts {
                match part.decides(holds) {
                    Some(decided) if decided == decisive => return Some(decisive),
                    Some(_) => {}
                    None => outcome = None,
                }
            }
            outcome
        };
        match self {
            Self::Public(_) | Self::Authenticated => Some(true),
            Self::Atom(atom) => Some(holds(atom)),
            Self::All(parts) => list(parts, false),
            Self::Any(parts) => list(parts, true),
            Self::Not(part) => part.decides(holds).map(|decided| !decided),
        }
    }

    /// Whether no authentication is required.
    pub(crate) fn is_public(&self) -> bool {
        matches!(self, Self::Public(_))
    }

    /// Who may, in words.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Public(_) => "anyone".to_owned(),
            Self::Authenticated => "any authenticated caller".to_owned(),
            other => other.phrase(true),
        }
    }

    fn phrase(&self, is_outermost: bool) -> String {
        let list = |parts: &[Self], word: &str| {
            let phrases: Vec<_> = parts.iter().map(|part| part.phrase(false)).collect();
            let text = phrases.join(word);
            match (parts.len(), is_outermost) {
                (0, _) => "no caller".to_owned(),
                (1, _) | (_, true) => text,
                _ => format!("({text})"),
            }
        };
        match self {
            Self::Public(_) => "anyone".to_owned(),
            Self::Authenticated => "authenticated".to_owned(),
            Self::Atom(atom) => format!("{} {}", atom.kind, atom.name),
            Self::All(parts) => list(parts, " and "),
            Self::Any(parts) => list(parts, " or "),
            Self::Not(part) => format!("not {}", part.phrase(false)),
        }
    }
}

/// The names of a closure's parameters: `user, body` of `|user, body: &Transfer| ..`.
fn parameters(closure: &str) -> String {
    let list = closure.split('|').nth(1).unwrap_or_default();
    let mut depth = 0_usize;
    let names = list.split(|character| {
        match character {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0
    });
    let names = names.map(|name| name.split(':').next().unwrap_or_default().trim());
    names.collect::<Vec<_>>().join(", ")
}

/// What is behind a closure: the named requirements that it stands in, with their arguments.
fn given(check: &str) -> &str {
    // As it was written before the closure was: `|user, article| .. in owns(id)`.
    let unwritten = check.rsplit_once("| ..").map(|(_, given)| given);
    let given = match check.strip_prefix('"') {
        Some(_) => check.rsplit_once('"').map(|(_, given)| given),
        None => unwritten,
    };
    given
        .filter(|given| given.starts_with(" in "))
        .unwrap_or_default()
}

/// A leaf, and the named requirements that it stands in.
struct Leaf<'a>(&'a Requirement, Option<&'a Inside<'a>>);

impl fmt::Display for Leaf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write_in(self.1, f)
    }
}

/// The text that [`Formula::parse`] reads.
impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, word: &str, parts: &[Self]| {
            write!(f, "{word}(")?;
            for (position, part) in parts.iter().enumerate() {
                let separator = if position == 0 { "" } else { ", " };
                write!(f, "{separator}{part}")?;
            }
            f.write_str(")")
        };
        match self {
            Self::Public(reason) => write!(f, "public({reason:?})"),
            Self::Authenticated => f.write_str("authenticated"),
            Self::Atom(atom) => f.write_str(&atom.text),
            Self::All(parts) => list(f, "all", parts),
            Self::Any(parts) => list(f, "any", parts),
            Self::Not(part) => write!(f, "not({part})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for text in [
            "authenticated",
            r#"role("admin")"#,
            r#"all(role("a, b) \" c"), not(any(scope("x:y"), scheme(Bearer), policy(a::b::<(u8, u8)>))))"#,
            r#"public("a \"probe\"\n\u{200b}")"#,
            r#"max_age("15m")"#,
            r"check(|user, body| user.id == body.author)",
            "all()",
            "any()",
        ] {
            let formula = Formula::parse(text).unwrap();
            assert_eq!(formula.to_string(), text);
        }
    }

    #[test]
    fn checks_are_alike_where_their_parameters_are() {
        let erased = |text: &str| Formula::parse(text).unwrap().without_texts();
        let one = erased(r#"all(role("a"), check("|user, body| body.from == user.subject()"))"#);
        for alike in [
            r#"all(role("a"), check("async |user: &Map<u8, u8>, body: &T| x == \"a\""))"#,
            // As it was written before the text was.
            r#"all(role("a"), check(|user, body| ..))"#,
        ] {
            assert_eq!(one, erased(alike), "{alike}");
        }
        assert_eq!(
            erased(r#"check("|user, id: &u64| *id > 0 && a == \"b\"" in owns(id) in a(b))"#),
            erased("check(|user, id| .. in owns(id) in a(b))"),
        );
        for other in [
            r#"all(role("b"), check("|user, body| true"))"#,
            r#"all(role("a"), check("|user| true"))"#,
            r#"all(role("a"), policy(p))"#,
            r#"all(role("a"), check("|user, body| true" in owns(id)))"#,
        ] {
            assert_ne!(one, erased(other), "{other}");
        }
    }

    #[test]
    fn names_lose_their_quotes_and_escapes() {
        let formula = Formula::parse(r#"role("a\"b\\c")"#).unwrap();
        assert_eq!(formula.atoms()[0].name, r#"a"b\c"#);
    }

    #[test]
    fn what_is_no_requirement_is_refused() {
        for text in [
            "",
            " ",
            "role(",
            r#"role("a"#,
            r#"role("a") "#,
            "all(role(\"a\")",
            "all(,)",
            "not()",
            r#"role("\q")"#,
            r#"role("\u{110000}")"#,
            "<<<<<<< HEAD",
            &"not(".repeat(100_000),
        ] {
            assert!(Formula::parse(text).is_err(), "{text:.40}");
        }
    }

    #[test]
    fn words_say_who_may() {
        for (text, words) in [
            ("authenticated", "any authenticated caller"),
            (r#"public("x")"#, "anyone"),
            (r#"role("admin")"#, "role admin"),
            (
                r#"all(scope("s"), any(role("a"), not(policy(p))))"#,
                "scope s and (role a or not policy p)",
            ),
            ("any()", "no caller"),
        ] {
            assert_eq!(Formula::parse(text).unwrap().words(), words);
        }
    }
}
