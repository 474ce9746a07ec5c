//! From tokens to the model.

mod annotation;
mod arguments;
pub(crate) mod closures;
pub(crate) mod deny;
pub(crate) mod grammar;
mod leaves;
pub(crate) mod pieces;
