//! Requirements that have a name.

use std::any::TypeId;

use crate::guard::{AskedName, Questions};
use crate::requirement::{NamedPart, Requirement};

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
    /// is never met where its tree names a policy or a check.
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
        granted: Some(TypeId::of::<Self>),
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
        if !self.takes.is_empty() {
            panic!("{}", self.takes);
        }
        self.of(first, "")
    }

    /// Where it is given these arguments: its questions have the numbers from `first` on.
    #[must_use]
    pub const fn of(self, first: usize, arguments: &'static str) -> Requirement {
        Requirement::named(NamedPart {
            first,
            arguments,
            ..self.part
        })
    }
}
