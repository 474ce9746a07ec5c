//! What the tests share.

use auth_runtime::prelude::*;

/// A role type of another crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
pub enum SharedRole {
    /// May edit.
    SharedEditor,
    /// May read.
    SharedReader,
}
