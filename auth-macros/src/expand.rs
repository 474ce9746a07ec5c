//! From an attribute and its item to the item guarded, or to every mistake at once.

use proc_macro2::{Span, TokenStream};

use crate::{
    diagnostics::{Diagnostics, Place},
    emit::{self, handler},
    item::{Target, context::Context, function::Function},
    model::annotation::{Annotation, Combined, Kind},
    parse::deny::{self, Deny},
    rule::Rule,
    validate,
};

/// Expands one attribute, and with it all the others of ours on the item.
pub(crate) fn attribute(kind: Kind, arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let expanded = attribute_into(kind, arguments, item, &mut diagnostics);
    let mut tokens = diagnostics.into_tokens();
    tokens.extend(expanded);
    tokens
}

/// Expands one attribute, and leaves the mistakes to be reported.
pub(crate) fn attribute_into(
    kind: Kind,
    arguments: TokenStream,
    item: TokenStream,
    diagnostics: &mut Diagnostics,
) -> TokenStream {
    let place = Place::from(Span::call_site());
    let annotation = Annotation::parse(kind, place, arguments, diagnostics);
    let mut target = match Target::parse(item.clone(), diagnostics) {
        Ok(target) => target,
        Err(error) => {
            let mut tokens = error.into_compile_error();
            tokens.extend(item);
            return tokens;
        }
    };
    target.annotations_mut().insert(0, annotation);
    validate::requirements(&target, diagnostics);
    match expand(&target, kind, diagnostics) {
        Some(tokens) if diagnostics.is_empty() => tokens,
        // The item stays, without our attributes: one mistake gives one message, and editors go on
        // knowing the item. The program does not compile, so nothing is left unguarded.
        _ => target.kept(),
    }
}

/// `None` where a mistake was reported.
fn expand(target: &Target, kind: Kind, diagnostics: &mut Diagnostics) -> Option<TokenStream> {
    match target {
        Target::Handler(function) => expand_handler(function, kind, diagnostics),
        Target::ImplBlock(_) | Target::Module(_) => {
            expand_block(target, &Context::alone(), kind.name(), diagnostics)
        }
        Target::Other(other) => {
            diagnostics.report(
                other.rule,
                Span::call_site(),
                format!(
                    "`#[{}]` can only be applied to a handler, module or impl block, not to {}",
                    kind.name(),
                    other.description
                ),
            );
            None
        }
    }
}

fn expand_handler(
    function: &Function,
    kind: Kind,
    diagnostics: &mut Diagnostics,
) -> Option<TokenStream> {
    validate::function(function, kind, false, diagnostics);
    validate::together(&[&function.annotations], diagnostics);
    if !diagnostics.is_empty() {
        return None;
    }
    let annotations: Vec<_> = function.annotations.iter().collect();
    let combined = Combined::of(&annotations)?;
    let expanded = handler::expand(function, &combined, None, &[]);
    let mut tokens = expanded.beside;
    tokens.extend(expanded.function);
    Some(tokens)
}

/// Expands `#[deny_by_default]`.
pub(crate) fn deny_by_default(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let expanded = deny_by_default_into(arguments, item, &mut diagnostics);
    let mut tokens = diagnostics.into_tokens();
    tokens.extend(expanded);
    tokens
}

/// Expands the attribute, and leaves the mistakes to be reported.
pub(crate) fn deny_by_default_into(
    arguments: TokenStream,
    item: TokenStream,
    diagnostics: &mut Diagnostics,
) -> TokenStream {
    let arguments = deny::parse(arguments, diagnostics);
    validate::each(&arguments.default, diagnostics);
    let target = match Target::parse(item.clone(), diagnostics) {
        Ok(target) => target,
        Err(error) => {
            let mut tokens = error.into_compile_error();
            tokens.extend(item);
            return tokens;
        }
    };
    validate::requirements(&target, diagnostics);
    let context = Context {
        levels: Vec::new(),
        deny: Some(Deny {
            default: &arguments.default,
            runtime: arguments.runtime.as_ref(),
        }),
        roles: arguments.roles.as_ref(),
    };
    if let Target::Handler(_) | Target::Other(_) = &target {
        diagnostics.report_with_help(
            Rule::DenyTarget,
            Span::call_site(),
            "`#[deny_by_default]` can only be applied to an inline module or an impl block",
            "put it on the module that holds the handlers",
        );
    }
    match expand_block(&target, &context, "deny_by_default", diagnostics) {
        Some(tokens) if diagnostics.is_empty() => tokens,
        _ => target.kept(),
    }
}

/// `None` where a mistake was reported.
fn expand_block(
    target: &Target,
    context: &Context<'_>,
    name: &str,
    diagnostics: &mut Diagnostics,
) -> Option<TokenStream> {
    match target {
        Target::ImplBlock(block) => {
            if block.read.trait_.is_some() {
                validate::block::not_of_a_trait(block, name, diagnostics);
            } else {
                validate::block::impl_block(block, context, diagnostics);
            }
            let is_valid = diagnostics.is_empty();
            is_valid.then(|| emit::block::impl_block(block, context))
        }
        Target::Module(module) => {
            validate::block::module(module, context, diagnostics);
            let is_valid = diagnostics.is_empty();
            is_valid.then(|| emit::block::module(module, context))
        }
        Target::Handler(_) | Target::Other(_) => None,
    }
}

/// Expands the attribute that was left behind a reader of the signature.
pub(crate) fn guard_signature(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let deferred = syn::parse2::<handler::Deferred>(arguments);
    let target = Target::parse(item, &mut diagnostics);
    match (deferred, target) {
        (Ok(deferred), Ok(Target::Handler(function)))
            if diagnostics.is_empty() && function.annotations.is_empty() =>
        {
            handler::expand_deferred(&deferred, &function)
        }
        (Err(error), _) | (_, Err(error)) => error.into_compile_error(),
        (Ok(_), Ok(_)) => {
            let mut tokens = diagnostics.into_tokens();
            let error = syn::Error::new(
                Span::call_site(),
                "another attribute has changed this handler so that it cannot be guarded",
            );
            tokens.extend(error.into_compile_error());
            tokens
        }
    }
}
