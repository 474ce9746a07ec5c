//! Rules on what stands inside a module or an impl block.

use syn::Attribute;

use crate::{
    annotation::{Annotation, Kind},
    diagnostics::{Diagnostics, Place},
    routes,
    rule::Rule,
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
