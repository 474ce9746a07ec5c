//! What is said of a handler beside its decision: in its documentation, of the service that a route
//! makes of it, and of the proofs that it takes.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{Attribute, FnArg, GenericArgument, PathArguments, Type};

use crate::{
    item::{function::Function, owner::Owner},
    model::{
        annotation::{Access, Combined},
        expression::Expression,
    },
    routes,
    runtime_path::Private,
};

/// The line of documentation that says who may call the handler.
pub(super) fn doc(combined: &Combined) -> String {
    // The line break in front makes it a paragraph of its own, behind what the user wrote.
    match (&combined.access, &combined.overridden) {
        (Access::Public(reason), None) => format!("\nAnyone may call it: {reason}."),
        (Access::Public(reason), Some(overridden)) => format!(
            "\nAnyone may call it: {reason}. This overrides {}, which is required around it.",
            code(overridden)
        ),
        (Access::Requires(requirement), _) => format!("\nRequires {}.", code(requirement)),
    }
}

/// A requirement as code in documentation.
pub(crate) fn code(requirement: &Expression) -> String {
    let text = requirement.to_string();
    let words: Vec<&str> = text.split_whitespace().collect();
    // Code that holds backticks itself stands between two.
    let fence = if text.contains('`') { "``" } else { "`" };
    format!("{fence}{}{fence}", words.join(" "))
}

/// Says of the service that a route attribute makes of the handler, a type of the handler's name,
/// that it is decided. Where the route attribute has expanded already it cannot be seen.
pub(super) fn protected(
    function: &Function,
    owner: Option<&Owner>,
    private: &Private,
    cfgs: &[&Attribute],
) -> Option<TokenStream> {
    if owner.is_some() || !routes::has_route(&function.attributes) {
        return None;
    }
    let name = function.name();
    Some(quote! {
        #(#cfgs)*
        #[automatically_derived]
        impl #private::Protected for #name {}
    })
}

/// The requirements of the arguments that are an `Authorized<R>`.
pub(super) fn authorized(function: &Function) -> impl Iterator<Item = &Type> {
    function.signature.inputs.iter().filter_map(|input| {
        let FnArg::Typed(argument) = input else {
            return None;
        };
        let Type::Path(path) = &*argument.ty else {
            return None;
        };
        let last = path.path.segments.last()?;
        let PathArguments::AngleBracketed(arguments) = &last.arguments else {
            return None;
        };
        match arguments.args.first()? {
            GenericArgument::Type(requirement)
                if last.ident == "Authorized" && !names_generics(requirement, function) =>
            {
                Some(requirement)
            }
            _ => None,
        }
    })
}

/// What only the handler's own signature can name is left to the runtime.
fn names_generics(ty: &Type, function: &Function) -> bool {
    let generics = &function.signature.generics;
    routes::mentions(ty.to_token_stream(), &|word| {
        word == "Self"
            || generics
                .type_params()
                .any(|parameter| *word == parameter.ident)
    })
}
