//! `#[derive(Role)]`: an enum, its names, its hierarchy and its grants.

mod closure;
mod expand;
mod parse;

use proc_macro2::{Ident, TokenStream};

use crate::diagnostics::{Diagnostics, Place};
use crate::runtime_path::RuntimePath;

/// A role type as it was written.
pub(crate) struct RoleType {
    name: Ident,
    variants: Vec<Variant>,
    runtime: RuntimePath,
}

/// One role.
struct Variant {
    ident: Ident,
    /// The wire name.
    name: String,
    /// Where the name stands: in `name = ".."`, or the variant itself.
    name_place: Place,
    /// The roles it implies, as written.
    implies: Vec<Ident>,
    /// Patterns of permissions, as written.
    grants: Vec<String>,
}

/// Expands the derive, or reports every mistake at once.
pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let role_type = match syn::parse2(item) {
        Ok(item) => parse::role_type(&item, &mut diagnostics),
        Err(error) => return error.into_compile_error(),
    };
    let Some(role_type) = role_type else {
        return diagnostics.into_tokens();
    };
    let closure = closure::Closure::of(&role_type.variants, &mut diagnostics);
    if diagnostics.is_empty() {
        return expand::implementation(&role_type, &closure);
    }
    let mut tokens = diagnostics.into_tokens();
    tokens.extend(expand::stand_in(&role_type));
    tokens
}

/// The rules that a role type breaks.
#[cfg(test)]
pub(crate) fn rules(item: TokenStream) -> Vec<crate::rule::Rule> {
    let mut diagnostics = Diagnostics::default();
    let item = syn::parse2(item).expect("an item");
    if let Some(role_type) = parse::role_type(&item, &mut diagnostics) {
        closure::Closure::of(&role_type.variants, &mut diagnostics);
    }
    diagnostics.rules()
}

#[cfg(test)]
mod tests;
