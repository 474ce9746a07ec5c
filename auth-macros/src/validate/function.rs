//! Rules on the function that an attribute stands on.

use quote::ToTokens as _;
use syn::{FnArg, GenericArgument, PathArguments, Type};

use crate::{
    diagnostics::{Diagnostics, Place},
    item::function::{Function, MOST_ARGUMENTS, guarded_spec},
    model::annotation::Kind,
    routes,
    rule::Rule,
    validate::given,
};

/// Checks that the function is one that actix-web can call and the guard can stand before.
pub(crate) fn function(
    function: &Function,
    kind: Kind,
    is_associated: bool,
    diagnostics: &mut Diagnostics,
) {
    let name = kind.name();
    if !function.has_body {
        bodiless(function, name, diagnostics);
        return;
    }
    qualifiers(function, name, diagnostics);
    receiver(function, name, is_associated, diagnostics);
    variadic(function, name, diagnostics);
    too_many_arguments(function, diagnostics);
    if !is_associated && function.words.own_type {
        self_outside_impl_block(function, name, diagnostics);
    }
    for annotation in &function.annotations {
        if let Some(requirement) = &annotation.requirement {
            given::handler(function, requirement, diagnostics);
        }
    }
    for input in &function.signature.inputs {
        if let FnArg::Typed(argument) = input {
            argument_attribute(argument, diagnostics);
            if function.words.caller {
                optional_guard(&argument.ty, diagnostics);
            }
            if function.words.guard && guarded_spec(function).is_none() {
                written_guard(&argument.ty, diagnostics);
            }
        }
    }
}

/// A function of a trait is called with the trait's signature.
fn bodiless(function: &Function, name: &str, diagnostics: &mut Diagnostics) {
    diagnostics.report_with_help(
        Rule::TargetBodiless,
        function.name().span(),
        format!("`#[{name}]` can only be applied to a handler, module or impl block, not to a function without a body"),
        "put the attribute on the handler that is mounted",
    );
}

/// actix-web calls handlers that are plain async functions.
fn qualifiers(function: &Function, name: &str, diagnostics: &mut Diagnostics) {
    let signature = &function.signature;
    if let Some(word) = &signature.constness {
        diagnostics.report_with_help(
            Rule::TargetConstFunction,
            Place::over(word),
            format!("`#[{name}]` cannot be applied to a `const fn`"),
            "a handler is an `async fn`",
        );
    } else if signature.asyncness.is_none() {
        diagnostics.report_with_help(
            Rule::TargetNotAsync,
            Place::from(signature.fn_token.span),
            format!("`#[{name}]` can only be applied to an `async fn`"),
            format!("write `async fn {}`", function.name()),
        );
    }
    if let syn::Safety::Unsafe(word) = &signature.safety {
        diagnostics.report_with_help(
            Rule::TargetUnsafe,
            Place::over(word),
            format!("`#[{name}]` cannot be applied to an `unsafe fn`"),
            "actix-web calls handlers that are safe",
        );
    }
    if let Some(abi) = &signature.abi {
        diagnostics.report_with_help(
            Rule::TargetExtern,
            Place::over(abi),
            format!("`#[{name}]` cannot be applied to an `extern fn`"),
            "a handler is an `async fn`",
        );
    }
}

/// A handler has no instance to be called on.
fn receiver(function: &Function, name: &str, is_associated: bool, diagnostics: &mut Diagnostics) {
    let Some(FnArg::Receiver(receiver)) = function.signature.inputs.first() else {
        return;
    };
    let help = if is_associated {
        "take `web::Data<..>` as an argument instead of `self`"
    } else {
        "make it a function without `self`, and take `web::Data<..>` as an argument"
    };
    diagnostics.report_with_help(
        Rule::TargetReceiver,
        Place::over(receiver),
        format!("`#[{name}]` cannot be applied to a function with `self`"),
        help,
    );
}

/// A handler has a fixed number of arguments.
fn variadic(function: &Function, name: &str, diagnostics: &mut Diagnostics) {
    if let Some(dots) = &function.signature.variadic {
        diagnostics.report(
            Rule::TargetVariadic,
            Place::over(dots),
            format!("`#[{name}]` cannot be applied to a variadic function"),
        );
    }
}

/// actix-web extracts sixteen arguments at most, and so does the guard.
fn too_many_arguments(function: &Function, diagnostics: &mut Diagnostics) {
    let inputs = &function.signature.inputs;
    if let Some(first) = inputs.iter().nth(MOST_ARGUMENTS) {
        diagnostics.report_with_help(
            Rule::TooManyArguments,
            Place::over(first),
            format!(
                "a handler takes {MOST_ARGUMENTS} arguments at most, this one has {}",
                inputs.len()
            ),
            "put several extractors into one tuple argument",
        );
    }
}

/// What stands on one argument would be lost when the arguments move behind the guard.
fn argument_attribute(argument: &syn::PatType, diagnostics: &mut Diagnostics) {
    if let Some(attribute) = argument.attrs.first() {
        diagnostics.report_with_help(
            Rule::ArgumentAttribute,
            Place::over(attribute),
            "an argument of a guarded handler has no attributes",
            "put the attribute on the handler, or write two handlers with `#[cfg(...)]`",
        );
    }
}

/// `Option<Authenticated>` is `None` for credentials that are not valid: the optional guard is the
/// oldest way to lose one.
fn optional_guard(ty: &Type, diagnostics: &mut Diagnostics) {
    let path = match ty {
        Type::Path(path) => path,
        Type::Tuple(tuple) => {
            for inner in &tuple.elems {
                optional_guard(inner, diagnostics);
            }
            return;
        }
        // What a `macro_rules!` capture wraps in invisible delimiters is the type itself.
        Type::Group(group) => return optional_guard(&group.elem, diagnostics),
        Type::Paren(paren) => return optional_guard(&paren.elem, diagnostics),
        _ => return,
    };
    let Some(last) = path.path.segments.last() else {
        return;
    };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return;
    };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    if !["Option", "Result", "Either"]
        .iter()
        .any(|wrapper| last.ident == wrapper)
    {
        for ty in types {
            optional_guard(ty, diagnostics);
        }
        return;
    }
    let names_caller = |ty: &Type| {
        routes::mentions(ty.to_token_stream(), &|name| {
            name == "Authenticated" || name == "MaybeAuthenticated"
        })
    };
    if types.into_iter().any(names_caller) {
        diagnostics.report_with_help(
            Rule::OptionalGuard,
            Place::over(ty),
            format!(
                "`{}` would treat invalid credentials as anonymous",
                last.ident
            ),
            "write `MaybeAuthenticated`, which is anonymous only when nothing was presented",
        );
    }
}

/// The guard is written by the attribute.
fn written_guard(ty: &Type, diagnostics: &mut Diagnostics) {
    if routes::mentions(ty.to_token_stream(), &|name| name == "Guarded") {
        diagnostics.report_with_help(
            Rule::WrittenGuard,
            Place::over(ty),
            "`Guarded` is written by the attribute",
            "write the handler's own arguments",
        );
    }
}

/// An associated function cannot have anything beside it, so that its guard comes from the block.
fn self_outside_impl_block(function: &Function, name: &str, diagnostics: &mut Diagnostics) {
    let signature = &function.signature;
    let has_receiver = matches!(signature.inputs.first(), Some(FnArg::Receiver(_)));
    let mut tokens = signature.inputs.to_token_stream();
    signature.output.to_tokens(&mut tokens);
    if !has_receiver && routes::mentions(tokens, &|word| word == "Self") {
        diagnostics.report_with_help(
            Rule::SelfOutsideImplBlock,
            function.name().span(),
            format!("`#[{name}]` on an associated function needs an attribute on its impl block"),
            "put `#[deny_by_default]` on the impl block, and leave this attribute where it is",
        );
    }
}
