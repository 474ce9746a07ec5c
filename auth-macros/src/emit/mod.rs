//! What the compiler is given for what has passed validation.

mod around;
mod beside;
pub(crate) mod block;
pub(crate) mod checks;
pub(crate) mod claims;
mod constant;
mod documented;
pub(crate) mod handler;
mod proof;
mod questions;
