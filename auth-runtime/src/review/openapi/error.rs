//! What a document does not say, and what to write.

use std::error::Error;
use std::fmt;

use actix_web::http::Method;

use crate::model::handler::HandlerName;

/// The security of a document is not complete: see [`problems`](Self::problems).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocumentError {
    /// What is missing: schemes and handlers first, then operations in the order of the document.
    pub problems: Vec<DocumentProblem>,
}

/// One thing that a document cannot say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentProblem {
    /// [`scheme`](super::DocumentSecurity::scheme) names a scheme that the configuration does not
    /// have.
    UnknownScheme(String),
    /// [`at`](super::DocumentSecurity::at) names a handler that the registry does not have.
    UnknownHandler(String),
    /// An operation was left as it is.
    Unmatched {
        /// Its method.
        method: Method,
        /// Its path, as the document has it.
        path: String,
        /// Why.
        cause: UnmatchedCause,
        /// The handlers that it may be of, ordered by path.
        candidates: Vec<HandlerName>,
    },
}

/// Why it cannot be said whose operation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnmatchedCause {
    /// No handler with a decision has its name.
    NoDecision,
    /// A handler with a decision has its name, and nothing proves that it is the operation's.
    NotProven,
    /// Handlers that decide differently fit.
    Ambiguous,
    /// The handler that fits, fits operations at other paths as well.
    Shared,
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl Error for DocumentError {}

impl fmt::Display for DocumentProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownScheme(name) => {
                write!(f, "scheme `{name}`: the configuration has no such scheme")
            }
            Self::UnknownHandler(path) => {
                write!(
                    f,
                    "handler `{path}`: no handler with a decision has this path"
                )
            }
            Self::Unmatched {
                method,
                path,
                cause,
                candidates,
            } => {
                write!(f, "`{method} {path}`: {cause}")?;
                for HandlerName {
                    path, file, line, ..
                } in candidates
                {
                    write!(f, "\n    `{path}` ({file}:{line})")?;
                }
                f.write_str("\n  = help: ")?;
                match cause {
                    UnmatchedCause::NoDecision => f.write_str(
                        "add `#[requires_auth]` to the handler, or `#[public(reason = \"...\")]` if \
                         anyone may call it; if its `operation_id` is not its name, write the \
                         attribute above `#[utoipa::path]`",
                    )?,
                    UnmatchedCause::NotProven | UnmatchedCause::Shared => {
                        f.write_str("write the handler's attribute above `#[utoipa::path]`")?;
                    }
                    UnmatchedCause::Ambiguous => f.write_str("say whose operation it is")?,
                }
                for (index, candidate) in candidates.iter().enumerate() {
                    let or = if index == 0 && *cause == UnmatchedCause::Ambiguous {
                        ":"
                    } else {
                        ", or"
                    };
                    write!(
                        f,
                        "{or} `.at({:?}, Method::{method}, {path:?})`",
                        candidate.path
                    )?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for UnmatchedCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoDecision => "no handler with a decision has the name of this operation",
            Self::NotProven => {
                "a handler has the name of this operation, and nothing says that it is the same one"
            }
            Self::Ambiguous => "handlers that decide differently have the name of this operation",
            Self::Shared => "a handler fits this operation, and others at other paths",
        })
    }
}
