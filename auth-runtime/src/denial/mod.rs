//! The answer to a refused request.

pub(crate) mod answer;
mod negotiate;
mod plain;
mod reason;
mod render;

pub use self::answer::Answer;
pub(crate) use self::answer::{Denial, is_hidden};
pub use self::negotiate::Negotiated;
pub(crate) use self::negotiate::prefers_html;
pub use self::reason::Reason;
pub use self::render::{
    Html, NotFoundProblem, PlainJson, ProblemJson, RenderDenial, RenderNotFound, Text,
};
pub(crate) use self::render::{Rendered, UnknownPath, render_not_found};
