//! Rules on what stands inside a module or an impl block.

use syn::Attribute;

use crate::{
    annotation::{Annotation, Kind},
    deny,
    diagnostics::{Diagnostics, Place},
    exempt, routes,
    rule::Rule,
    target::{block::Item, function::Function, inside::Inside},
};

/// Whether an attribute of ours takes effect behind a `cfg_attr` cannot be seen from outside it.
pub(crate) fn hidden_by_cfg_attr(attributes: &[Attribute], diagnostics: &mut Diagnostics) {
    for attribute in attributes {
        let syn::Meta::List(list) = &attribute.meta else {
            continue;
        };
        if attribute.path().is_ident("cfg_attr")
            && routes::mentions(list.tokens.clone(), &|name| Kind::named(name).is_some())
        {
            diagnostics.report_with_help(
                Rule::HiddenByCfgAttr,
                Place::over(attribute),
                "an attribute behind `cfg_attr` cannot be seen here",
                "write two items, each with `#[cfg(...)]` and its own attribute",
            );
        }
    }
}

/// A macro call may hold handlers that nobody sees.
pub(crate) fn macro_in_block(place: Place, block: &str, diagnostics: &mut Diagnostics) {
    diagnostics.report_with_help(
        Rule::MacroInBlock,
        place,
        format!("what this macro call expands to cannot be seen in {block} with an attribute"),
        "move the call out of it, or add `#[not_a_handler]` if it makes no handler",
    );
}

/// A handler inside of a function body or a value is as forgotten as any other; and what an
/// attribute on the block requires does not reach it, whatever it requires itself. Says how many
/// there are.
pub(crate) fn inside_bodies(
    item: &Item,
    outer: Option<&Annotation>,
    diagnostics: &mut Diagnostics,
) -> usize {
    let mut handlers = 0;
    for inside in item.inside() {
        match (inside, outer) {
            (Inside::Handler { name, .. }, Some(annotation)) => {
                handlers += 1;
                diagnostics.report_with_help(
                    Rule::InsideABody,
                    name.span(),
                    format!(
                        "`#[{}]` around it does not reach handler `{name}`, which stands inside of a body",
                        annotation.kind.name(),
                    ),
                    "move the handler out of the function or value that it stands in; if it is never \
                     mounted, add `#[not_a_handler]`",
                );
            }
            (Inside::Handler { name, is_decided }, None) => {
                handlers += 1;
                if !is_decided {
                    deny::no_decision(name, diagnostics);
                }
            }
            (Inside::ImplBlock(span), _) => diagnostics.report_with_help(
                Rule::ImplInsideABody,
                *span,
                "handlers of this impl block cannot be seen, for it stands inside of a body",
                "move it out of the function or value that it stands in, or add `#[not_a_handler]` if \
                 it has none",
            ),
        }
    }
    handlers
}

/// The signature of a trait's function is the trait's, so that nothing can be put in front of its
/// arguments.
pub(crate) fn undecided_in_trait(of: &str, function: &Function, diagnostics: &mut Diagnostics) {
    let name = function.name();
    diagnostics.report_with_help(
        Rule::UndecidedInATrait,
        name.span(),
        format!("`{of}::{name}` can be mounted as a handler, and nothing can guard it in a trait"),
        "move it to an impl block of the type itself, or add `#[not_a_handler]` if it is never mounted",
    );
}

/// What a route attribute mounts is a handler, whatever else is said of it.
pub(crate) fn exempt_route(attributes: &[Attribute], diagnostics: &mut Diagnostics) {
    if !exempt::is_exempt(attributes) {
        return;
    }
    for attribute in attributes {
        if let Some(name) = routes::last_segment(attribute.path())
            && routes::is_route(name)
        {
            diagnostics.report_with_help(
                Rule::ExemptRoute,
                Place::over(attribute.path()),
                format!("`#[{name}]` mounts a function that says `#[not_a_handler]`"),
                "remove one of them",
            );
        }
    }
}

/// An attribute that applies to nothing is an attribute in the wrong place.
pub(crate) fn no_handler(annotation: &Annotation, block: &str, diagnostics: &mut Diagnostics) {
    let name = annotation.kind.name();
    diagnostics.report_with_help(
        Rule::NoHandler,
        annotation.place,
        format!("there is no handler in this {block} to which `#[{name}]` applies"),
        "a handler is an `async fn` that borrows no argument",
    );
}
