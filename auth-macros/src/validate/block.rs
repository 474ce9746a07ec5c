//! Rules on modules, impl blocks and traits, and on what stands inside of them.

use syn::{Attribute, Ident};

use crate::{
    diagnostics::{Diagnostics, Place},
    item::{
        block::{Exempt, Item, Items, Value},
        context::{Context, Treatment},
        exempt,
        function::{Function, MOST_ARGUMENTS, Role},
        impl_block::ImplBlock,
        inside::Inside,
        module::Module,
        traits::Trait,
    },
    model::annotation::{Access, Annotation, Combined, Kind},
    routes,
    rule::Rule,
    validate::{annotations, function, given},
};

/// Everything that stands against expanding a module.
pub(crate) fn module(module: &Module, outer: &Context<'_>, diagnostics: &mut Diagnostics) {
    let context = outer.inside(&module.annotations, &module.left);
    hidden_by_cfg_attr(&module.attributes, diagnostics);
    annotations::same_twice(&module.annotations, diagnostics);
    annotations::overriding_block(&module.annotations, "a module", diagnostics);
    let Some((_, items)) = &module.body else {
        diagnostics.report_with_help(
            Rule::TargetModuleFile,
            Place::over(&module.header),
            "a module in a file of its own cannot be checked from here",
            "write the module's items here; or, in the file, put them into an inline module with the \
             attribute: `#[deny_by_default] mod handlers { ... } pub use handlers::*;`",
        );
        return;
    };
    if context.leaves(&module.attributes) {
        return;
    }
    let handlers = in_block(items, &context, false, "a module", diagnostics);
    if let Some(annotation) = module.annotations.first()
        && handlers == 0
    {
        no_handler(annotation, "module", diagnostics);
    }
}

/// Everything that stands against expanding an impl block.
pub(crate) fn impl_block(block: &ImplBlock, outer: &Context<'_>, diagnostics: &mut Diagnostics) {
    let context = outer.inside(&block.annotations, &block.left);
    hidden_by_cfg_attr(&block.attributes, diagnostics);
    annotations::same_twice(&block.annotations, diagnostics);
    annotations::overriding_block(&block.annotations, "an impl block", diagnostics);
    if block.read.trait_.is_some() {
        trait_impl(block, &context, diagnostics);
        return;
    }
    let handlers = in_block(&block.items, &context, true, "an impl block", diagnostics);
    if let Some(annotation) = block.annotations.first()
        && handlers == 0
    {
        no_handler(annotation, "impl block", diagnostics);
    }
}

/// The items of a module or of a type's own impl block. Says how many of them may hold handlers.
fn in_block(
    items: &Items,
    context: &Context<'_>,
    is_associated: bool,
    block: &str,
    diagnostics: &mut Diagnostics,
) -> usize {
    let mut handlers = 0;
    for item in &items.items {
        handlers += inside_bodies(item, context.outermost(), diagnostics);
        match item {
            Item::Function(function) => {
                let is_handler = in_block_function(function, context, is_associated, diagnostics);
                handlers += usize::from(is_handler);
            }
            Item::ImplBlock(block) => {
                handlers += 1;
                impl_block(block, context, diagnostics);
            }
            Item::Module(module) => {
                handlers += 1;
                self::module(module, context, diagnostics);
            }
            Item::Trait(of) => in_trait(of, context, diagnostics),
            Item::Value(value) => unseen_value(value, diagnostics),
            Item::MacroCall(place, _) => {
                handlers += 1;
                macro_in_block(*place, block, diagnostics);
            }
            Item::Exempt(exempt) => exempt_route(exempt, diagnostics),
            Item::Type(_) | Item::Other(..) => {}
        }
    }
    handlers
}

/// A function of a block. Whether it is a handler.
fn in_block_function(
    function: &Function,
    context: &Context<'_>,
    is_associated: bool,
    diagnostics: &mut Diagnostics,
) -> bool {
    let before = diagnostics.count();
    hidden_by_cfg_attr(&function.attributes, diagnostics);
    let is_seen = diagnostics.count() == before;
    let own = match context.treatment(function) {
        Treatment::Guard(own) => own,
        Treatment::Guarded(_) => return true,
        Treatment::Unprotected => {
            if is_seen {
                no_decision(function.name(), diagnostics);
            }
            return true;
        }
        Treatment::Test => return false,
        Treatment::Prove => {
            unseen_function(function, diagnostics);
            return false;
        }
    };
    let levels = context.levels_of(own);
    if let Some(annotation) = levels.iter().rev().find_map(|level| level.first()) {
        function::function(function, annotation.kind, is_associated, diagnostics);
    }
    annotations::together(&levels, diagnostics);
    // What is around it asks for arguments as well.
    let all: Vec<_> = levels.iter().copied().flatten().collect();
    if diagnostics.count() == before
        && let Some(combined) = Combined::of(&all)
        && let Access::Requires(requirement) = &combined.access
    {
        given::handler(function, requirement, diagnostics);
    }
    true
}

/// The signatures of a trait's functions are the trait's, so that nothing can be put in front of
/// their arguments.
fn trait_impl(block: &ImplBlock, context: &Context<'_>, diagnostics: &mut Diagnostics) {
    let inside = block.items.items.iter().find_map(|item| match item {
        Item::Function(function) => function.annotations.first(),
        _ => None,
    });
    if let Some(annotation) = block.annotations.first().or(inside) {
        not_of_a_trait(block, annotation.kind.name(), diagnostics);
        return;
    }
    for item in &block.items.items {
        inside_bodies(item, context.outermost(), diagnostics);
        match item {
            Item::Function(function) => match function.role() {
                Role::Handler => unprotected_in_trait(&block.owner.name, function, diagnostics),
                Role::Other => unseen_function(function, diagnostics),
                Role::Test => {}
            },
            Item::Value(value) => unseen_value(value, diagnostics),
            Item::MacroCall(place, _) => macro_in_block(*place, "an impl block", diagnostics),
            Item::Exempt(exempt) => exempt_route(exempt, diagnostics),
            _ => {}
        }
    }
}

/// The functions of a trait, of which the defaults may be handlers.
fn in_trait(of: &Trait, context: &Context<'_>, diagnostics: &mut Diagnostics) {
    for item in &of.items.items {
        inside_bodies(item, context.outermost(), diagnostics);
        match item {
            Item::Function(function) => {
                if let Some(annotation) = function.annotations.first() {
                    function_of_trait(function, annotation.kind, diagnostics);
                } else if !function.has_body {
                    // Its implementations are looked at where they are.
                } else if function.role() == Role::Handler {
                    let of = of.read.ident.to_string();
                    unprotected_in_trait(&of, function, diagnostics);
                } else {
                    unseen_function(function, diagnostics);
                }
            }
            Item::Value(value) => unseen_value(value, diagnostics),
            Item::MacroCall(place, _) => macro_in_block(*place, "a trait", diagnostics),
            Item::Exempt(exempt) => exempt_route(exempt, diagnostics),
            _ => {}
        }
    }
}

/// An impl block of a trait stands still where an attribute is on it, or in it.
pub(crate) fn not_of_a_trait(block: &ImplBlock, name: &str, diagnostics: &mut Diagnostics) {
    let place = match &block.read.trait_ {
        Some((path, _)) => Place::over(path),
        None => Place::over(&block.read.self_ty),
    };
    diagnostics.report_with_help(
        Rule::TargetTraitImpl,
        place,
        format!("`#[{name}]` cannot be applied to the impl of a trait, whose signatures are fixed"),
        "move the handlers to an impl block of the type itself",
    );
}

/// A function of a trait has the trait's signature.
fn function_of_trait(function: &Function, kind: Kind, diagnostics: &mut Diagnostics) {
    diagnostics.report_with_help(
        Rule::TargetTraitFunction,
        function.name().span(),
        format!(
            "`#[{}]` cannot be applied to a function of a trait",
            kind.name()
        ),
        "move the handler out of the trait",
    );
}

/// A handler that was forgotten is the oldest hole there is.
fn no_decision(handler: &Ident, diagnostics: &mut Diagnostics) {
    diagnostics.report_with_help(
        Rule::NoDecision,
        handler.span(),
        format!("handler `{handler}` has no access decision"),
        "add `#[requires_auth]`, or `#[public(reason = \"...\")]` if anyone may call it; if it is \
         never mounted, add `#[not_a_handler]`",
    );
}

/// A function of which the compiler can prove nothing: it is none of those that actix-web calls, but
/// what it returns is not seen either.
fn unseen_function(function: &Function, diagnostics: &mut Diagnostics) {
    let signature = &function.signature;
    if matches!(signature.safety, syn::Safety::Unsafe(_))
        || signature.abi.is_some()
        || signature.variadic.is_some()
        || signature.inputs.len() > MOST_ARGUMENTS
        || function
            .attributes
            .iter()
            .any(|attribute| attribute.path().is_ident("target_feature"))
    {
        unseen(function.name(), diagnostics);
    }
}

/// What is in a `static mut` cannot be looked at.
fn unseen_value(value: &Value, diagnostics: &mut Diagnostics) {
    if let Some(name) = value.name.as_ref().filter(|_| value.is_mutable) {
        unseen(name, diagnostics);
    }
}

fn unseen(name: &Ident, diagnostics: &mut Diagnostics) {
    diagnostics.report_with_help(
        Rule::UnseenItem,
        name.span(),
        format!("cannot tell whether `{name}` serves requests"),
        "add `#[not_a_handler]` if it serves none, or move it out of the block",
    );
}

/// Whether an attribute of ours takes effect behind a `cfg_attr` cannot be seen from outside it.
fn hidden_by_cfg_attr(attributes: &[Attribute], diagnostics: &mut Diagnostics) {
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
                "an attribute behind `cfg_attr` cannot be checked here",
                "write two items, each with `#[cfg(...)]` and its own attribute",
            );
        }
    }
}

/// A macro call may hold handlers that no attribute sees.
fn macro_in_block(place: Place, block: &str, diagnostics: &mut Diagnostics) {
    diagnostics.report_with_help(
        Rule::MacroInBlock,
        place,
        format!("the expansion of this macro call cannot be checked in {block} with an attribute"),
        "move the call out of it, or add `#[not_a_handler]` if it makes no handler",
    );
}

/// A handler inside of a function body or a value is as forgotten as any other; and what an
/// attribute on the block requires does not reach it, whatever it requires itself. Says how many
/// there are.
fn inside_bodies(item: &Item, outer: Option<&Annotation>, diagnostics: &mut Diagnostics) -> usize {
    let mut handlers = 0;
    for inside in item.inside() {
        match (inside, outer) {
            (Inside::Handler { name, .. }, Some(annotation)) => {
                handlers += 1;
                diagnostics.report_with_help(
                    Rule::InsideABody,
                    name.span(),
                    format!(
                        "`#[{}]` around it does not reach handler `{name}`, which is inside a function body",
                        annotation.kind.name(),
                    ),
                    "move the handler out of the function or value that it stands in; if it is never \
                     mounted, add `#[not_a_handler]`",
                );
            }
            (
                Inside::Handler {
                    name, is_decided, ..
                },
                None,
            ) => {
                handlers += 1;
                if !is_decided {
                    no_decision(name, diagnostics);
                }
            }
            (Inside::ImplBlock(span), _) => diagnostics.report_with_help(
                Rule::ImplInsideABody,
                *span,
                "handlers of an impl block inside a function body cannot be checked",
                "move it out of the function or value that it stands in, or add `#[not_a_handler]` if \
                 it has none",
            ),
        }
    }
    handlers
}

/// The signature of a trait's function is the trait's, so that nothing can be put in front of its
/// arguments.
fn unprotected_in_trait(of: &str, function: &Function, diagnostics: &mut Diagnostics) {
    let name = function.name();
    diagnostics.report_with_help(
        Rule::UnprotectedInATrait,
        name.span(),
        format!("`{of}::{name}` can be mounted as a handler, and nothing can guard it in a trait"),
        "move it to an impl block of the type itself, or add `#[not_a_handler]` if it is never mounted",
    );
}

/// What a route attribute mounts is a handler, whatever else is said of it.
fn exempt_route(exempt: &Exempt, diagnostics: &mut Diagnostics) {
    if !exempt::is_exempt(&exempt.attributes) {
        return;
    }
    for inside in &exempt.inside {
        if let Inside::Handler {
            name,
            mounts: true,
            is_decided: false,
        } = inside
        {
            diagnostics.report_with_help(
                Rule::ExemptRoute,
                name.span(),
                format!(
                    "a route mounts `{name}`, which stands in an item that says `#[not_a_handler]`"
                ),
                "add the attribute to the item's functions that are no handlers instead, or give the \
                 handler an access decision",
            );
        }
    }
    for attribute in &exempt.attributes {
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
fn no_handler(annotation: &Annotation, block: &str, diagnostics: &mut Diagnostics) {
    let name = annotation.kind.name();
    diagnostics.report_with_help(
        Rule::NoHandler,
        annotation.place,
        format!("there is no handler in this {block} to which `#[{name}]` applies"),
        "a handler is an `async fn` that borrows no argument",
    );
}
