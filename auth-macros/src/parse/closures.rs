//! The closure of a check, and its parameters.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Pat, Type};

use crate::{
    diagnostics::{Diagnostics, Place},
    model::expression::{Check, Parameter},
    routes,
    rule::Rule,
};

/// Reads `check(|user: &Principal, body: &web::Json<Transfer>| ..)`.
pub(crate) fn parse(
    tokens: &TokenStream,
    place: Place,
    diagnostics: &mut Diagnostics,
) -> Option<Check> {
    let Ok(closure) = syn::parse2::<syn::ExprClosure>(tokens.clone()) else {
        diagnostics.report_with_help(
            Rule::CheckClosure,
            Place::over(tokens),
            "`check` takes a closure over the handler's arguments",
            "write `check(|user: &Principal, body: &web::Json<Transfer>| body.from == user.subject())`",
        );
        return None;
    };
    if routes::mentions(tokens.clone(), &|word| word == "Self") {
        diagnostics.report_with_help(
            Rule::PolicySelf,
            Place::over(tokens),
            "`Self` cannot be named in a requirement",
            "write the name of the type",
        );
        return None;
    }
    let before = diagnostics.count();
    let parameters: Vec<Parameter> = closure
        .inputs
        .iter()
        .filter_map(|pattern| parameter(pattern, diagnostics))
        .collect();
    if let Some(ninth) = closure.inputs.iter().nth(MOST_PARAMETERS) {
        diagnostics.report_with_help(
            Rule::CheckParameter,
            Place::over(ninth),
            format!("a check takes {MOST_PARAMETERS} parameters at most"),
            "take fewer arguments, or write two checks",
        );
    }
    (diagnostics.count() == before).then(|| Check {
        closure: tokens.clone(),
        closure_place: Place::over(tokens),
        is_async: closure.asyncness.is_some(),
        parameters,
        place,
    })
}

const MOST_PARAMETERS: usize = 8;

/// A parameter is found by its name, and borrows: the arguments belong to the handler.
fn parameter(pattern: &Pat, diagnostics: &mut Diagnostics) -> Option<Parameter> {
    let (name, ty) = match pattern {
        Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
        untyped => (untyped, None),
    };
    let Pat::Ident(name) = name else {
        diagnostics.report_with_help(
            Rule::CheckParameter,
            Place::over(name),
            "a parameter of a check is the name of an argument",
            "name the argument, and take it apart in the closure's body",
        );
        return None;
    };
    let ty = match ty {
        None => None,
        Some(Type::Reference(reference)) if reference.mutability.is_none() => {
            Some(reference.elem.to_token_stream())
        }
        Some(ty) => {
            diagnostics.report_with_help(
                Rule::CheckParameter,
                Place::over(ty),
                "a check borrows the arguments, which belong to the handler",
                format!(
                    "write `{}: &{}`",
                    name.ident,
                    match ty {
                        Type::Reference(reference) => compact(&reference.elem),
                        ty => compact(ty),
                    }
                ),
            );
            return None;
        }
    };
    Some(Parameter {
        name: name.ident.clone(),
        ty,
    })
}

/// A type as it is usually written.
pub(crate) fn compact(ty: &Type) -> String {
    let text = ty
        .to_token_stream()
        .to_string()
        .replace(" ::", "::")
        .replace(":: ", "::");
    text.replace(" <", "<")
        .replace("< ", "<")
        .replace(" >", ">")
        .replace(" ,", ",")
        .replace("& ", "&")
}
