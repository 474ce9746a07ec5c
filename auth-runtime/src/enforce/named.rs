//! Requirements that have a name.

use std::any::TypeId;

use crate::enforce::questions::{AskedName, GrantedName, Questions};
use crate::model::requirement::{NamedPart, Requirement};
use crate::model::role::{Found, NameOfRole, find_role};

/// A requirement with a name: what `requirement!` declares.
///
/// ```
/// use auth_runtime::{NamedRequirement, requirement};
///
/// requirement! {
///     /// Who may change articles.
///     pub editors = any(role("editor"), permission("articles:edit"));
///     pub deleters = all(editors, scope("articles:delete"));
/// }
///
/// assert_eq!(
///     deleters::REQUIREMENT.to_string(),
///     r#"all(any(role("editor"), permission("articles:edit")), scope("articles:delete"))"#
/// );
/// ```
///
/// In an attribute it is named by its path: `#[requires(editors)]`.
///
/// It may ask: a `policy(..)`, a `check(..)` of the caller, or, of the handler's arguments, one of
/// its parameters. The use names those arguments:
///
/// ```
/// use actix_web::{get, web};
/// use auth_runtime::prelude::*;
///
/// requirement! {
///     /// Whose article it is.
///     pub owns(article: &u64) = any(
///         role("admin"),
///         check(|user: &Principal, article| user.subject() == format!("author-{article}")),
///     );
/// }
///
/// #[get("/articles/{id}")]
/// #[requires(all(scope("articles:read"), owns(id)))]
/// async fn read(id: web::Path<u64>) -> String { format!("article {id}") }
/// ```
///
/// A parameter is borrowed from what the argument is or derefs to: `&u64` of a `web::Path<u64>`. Of
/// two uses with different arguments, each asks with its own.
///
/// A name that stands for itself, through however many others, does not compile:
///
/// ```compile_fail,E0391
/// use auth_runtime::requirement;
///
/// requirement! { editors = any(role("editor"), authors); }
/// requirement! { authors = all(role("author"), editors); }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a named requirement",
    label = "not a named requirement",
    note = "declare it with `requirement! {{ pub {Self} = ...; }}`"
)]
pub trait NamedRequirement: 'static {
    /// The name.
    const NAME: &'static str;
    /// What it requires. The policies and checks in it are those of [`Self::QUESTIONS`], by number.
    const REQUIREMENT: Requirement;
    /// What it asks: `requirement!` writes it. One that is written by hand asks nothing, and
    /// is never satisfied where its tree names a policy or a check.
    #[doc(hidden)]
    const QUESTIONS: &'static Questions = Questions::NONE;
    /// Where it takes arguments: what to say to who names it without.
    #[doc(hidden)]
    const TAKES: &'static str = "";
    /// Itself as a part of a requirement.
    #[doc(hidden)]
    const PART: Part = Part {
        part: NamedPart {
            name: Self::NAME,
            arguments: "",
            requirement: &Self::REQUIREMENT,
            first: 0,
            count: Self::QUESTIONS.count(),
        },
        takes: Self::TAKES,
    };
    /// Its questions among those of a requirement.
    #[doc(hidden)]
    const ASKED: AskedName = AskedName {
        questions: Self::QUESTIONS,
        granted: None,
    };
    /// The same where it holds wherever the requirement does.
    #[doc(hidden)]
    const GRANTED: AskedName = AskedName {
        questions: Self::QUESTIONS,
        granted: Some(GrantedName {
            id: TypeId::of::<Self>,
            requirement: &Self::REQUIREMENT,
        }),
    };
}

/// A named requirement, before its questions have numbers in what it stands in.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Part {
    part: NamedPart,
    takes: &'static str,
}

impl Part {
    /// Where it is named without arguments: its questions have the numbers from `first` on.
    ///
    /// # Panics
    ///
    /// Where it takes arguments: a compile error.
    #[must_use]
    #[track_caller]
    // Evaluated by the compiler: a panic here is a compile error, and that is its use.
    #[allow(clippy::panic)]
    pub const fn alone(self, first: usize) -> Requirement {
        assert!(self.takes.is_empty(), "{}", self.takes);
        self.of(first, "")
    }

    /// Fails to compile where a role that it names as a string, however deep, is none of the names.
    ///
    /// # Panics
    ///
    /// When it is evaluated at run time, likewise.
    #[track_caller]
    #[allow(clippy::panic)]
    pub const fn assert_roles(self, names: &'static [NameOfRole]) {
        if let Some((role, near)) = unknown_role(self.part.requirement, names) {
            let pieces = [
                "`",
                role,
                "` in the requirement `",
                self.part.name,
                "` is the name of no role; there is one of a similar name: `",
                near,
                "`",
            ];
            let (text, length) = joined(&pieces);
            match text.split_at_checked(length) {
                Some((text, _)) => match str::from_utf8(text) {
                    Ok(text) => panic!("{}", text),
                    Err(_) => panic!("a role in a named requirement is the name of none"),
                },
                None => panic!("a role in a named requirement is the name of none"),
            }
        }
    }

    /// Where it is given these arguments: its questions have the numbers from `first` on.
    #[must_use]
    pub const fn of(self, first: usize, arguments: &'static str) -> Requirement {
        Requirement::named(NamedPart {
            arguments,
            first,
            ..self.part
        })
    }
}

/// The first role of a requirement, from the left, that is none of the names, and the nearest one.
const fn unknown_role(
    requirement: &'static Requirement,
    names: &'static [NameOfRole],
) -> Option<(&'static str, &'static str)> {
    match requirement {
        Requirement::Role(role) => match find_role(names, role) {
            Found::Role => None,
            Found::Near(near) => Some((role, near.name)),
            Found::Nothing => Some((role, "")),
        },
        Requirement::All(parts) | Requirement::Any(parts) => {
            let mut rest = *parts;
            while let [first, behind @ ..] = rest {
                let found = unknown_role(first, names);
                if found.is_some() {
                    return found;
                }
                rest = behind;
            }
            None
        }
        Requirement::Not(part) => unknown_role(part, names),
        Requirement::Named(part) => unknown_role(part.requirement, names),
        Requirement::Authenticated
        | Requirement::TypedRole(_)
        | Requirement::Scope(_)
        | Requirement::Permission(_)
        | Requirement::Scheme(_)
        | Requirement::MaxAge(_)
        | Requirement::Acr(_)
        | Requirement::Policy(_)
        | Requirement::Check(_) => None,
    }
}

/// As much of a message as fits.
const LONGEST: usize = 512;

/// The pieces one after the other, and how long they are.
const fn joined(pieces: &[&str]) -> ([u8; LONGEST], usize) {
    let mut text = [0; LONGEST];
    let mut length = 0;
    let mut pieces = pieces;
    while let [piece, others @ ..] = pieces {
        let mut bytes = piece.as_bytes();
        while let [byte, rest @ ..] = bytes {
            if length < LONGEST {
                // A `const fn` has no other way to it, and the bound is checked.
                #[allow(clippy::indexing_slicing)]
                {
                    text[length] = *byte;
                }
                length += 1;
            }
            bytes = rest;
        }
        pieces = others;
    }
    (text, length)
}
