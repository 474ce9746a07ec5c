//! Rules on what stands inside a module or an impl block.

use syn::Attribute;

use crate::{
    annotation::{Annotation, Kind},
    deny,
    diagnostics::{Diagnostics, Place},
    routes,
    rule::Rule,
    target::{block::Item, inside},
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
                "an attribute behind `cfg_attr` cannot be judged here",
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
        format!("what this macro call expands to cannot be judged in {block} with an attribute"),
        "move the call out of it",
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
    let handlers = inside::handlers(item);
    let count = handlers.len();
    for handler in handlers {
        match outer {
            Some(annotation) => diagnostics.report_with_help(
                Rule::InsideABody,
                handler.name.span(),
                format!(
                    "`#[{}]` around it does not reach handler `{}`, which stands inside of a body",
                    annotation.kind.name(),
                    handler.name
                ),
                "move the handler out of the function or value that it stands in",
            ),
            None if handler.is_decided => {}
            None => deny::no_decision(&handler.name, diagnostics),
        }
    }
    count
}

/// An attribute that applies to nothing is an attribute in the wrong place.
pub(crate) fn no_handler(annotation: &Annotation, block: &str, diagnostics: &mut Diagnostics) {
    let name = annotation.kind.name();
    diagnostics.report_with_help(
        Rule::NoHandler,
        annotation.place,
        format!("there is no handler in this {block} to which `#[{name}]` applies"),
        "a handler is an `async fn` without `self`",
    );
}
