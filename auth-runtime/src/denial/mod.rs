//! The answer to a refused request.

pub(crate) mod answer;
mod negotiate;
mod render;

pub use self::answer::{Answer, Reason};
pub(crate) use self::answer::{Context, Denial};
pub use self::negotiate::Negotiated;
pub(crate) use self::render::render_not_found;
pub use self::render::{
    Html, NotFoundProblem, PlainJson, ProblemJson, RenderDenial, RenderNotFound, Text,
};
