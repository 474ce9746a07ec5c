//! What stands beside the items of the user's: uses of attributes, checks of roles.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Attribute;

use crate::{
    model::{
        annotation::{Access, Combined},
        expression::{Expression, LeafKind},
        questions::Questions,
    },
    runtime_path::{RuntimePath, generated, moved},
};

/// Uses of attributes of an item that were taken, so that their imports do not count as unused.
pub(crate) fn uses<'a>(paths: impl Iterator<Item = &'a TokenStream>) -> TokenStream {
    let paths = paths.map(generated);
    quote!(#(use #paths as _;)*)
}

impl Combined {
    /// Checks the strings among the roles, where a `#[deny_by_default(roles = ..)]` asks for it.
    pub(crate) fn role_checks(
        &self,
        roles: Option<&TokenStream>,
        cfgs: &[&Attribute],
    ) -> TokenStream {
        match (&self.access, roles) {
            (Access::Requires(requirement), Some(roles)) => {
                role_checks(requirement, roles, &self.runtime, cfgs)
            }
            _ => TokenStream::new(),
        }
    }
}

/// Checks at compile time that every role that is written as a string is one of the role type.
pub(crate) fn role_checks(
    requirement: &Expression,
    roles: &TokenStream,
    runtime: &RuntimePath,
    cfgs: &[&Attribute],
) -> TokenStream {
    let private = runtime.private();
    let mut names = Vec::new();
    requirement.leaves(&mut |leaf| {
        if leaf.kind == LeafKind::Role {
            names.push(leaf.clone());
        }
    });
    let strings = names.iter().map(|leaf| {
        // The message is to point at the string, and so every token of the check stands there.
        let located = Span::call_site().located_at(leaf.span);
        let private = private.at(located);
        let roles = moved(roles.clone(), located);
        quote_spanned! {located=>
            #(#cfgs)*
            const _: () = #private::assert_role(<#roles>::__AUTH_NAMES, #leaf);
        }
    });
    // What a name stands for, only the compiler sees.
    let questions = Questions::of_handler(requirement);
    let trees = questions.named.iter().map(|named| {
        let located = Span::call_site().located_at(named.path_place.span());
        let private = private.at(located);
        let roles = moved(roles.clone(), located);
        let path = &named.path;
        quote_spanned! {located=>
            #(#cfgs)*
            const _: () =
                <#path as #private::NamedRequirement>::PART.assert_roles(<#roles>::__AUTH_NAMES);
        }
    });
    strings.chain(trees).collect()
}
