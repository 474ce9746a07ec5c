//! What was written, as data.

pub(crate) mod annotation;
pub(crate) mod expression;
pub(crate) mod questions;
mod text;
