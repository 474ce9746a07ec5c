//! Requirements that have a name.

use crate::requirement::Requirement;

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
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a named requirement",
    label = "not a named requirement",
    note = "declare it with `requirement! {{ pub {Self} = ...; }}`"
)]
pub trait NamedRequirement: 'static {
    /// The name.
    const NAME: &'static str;
    /// What it requires.
    const REQUIREMENT: Requirement;
}
